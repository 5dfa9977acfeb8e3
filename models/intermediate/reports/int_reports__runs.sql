{{ config(materialized='ephemeral') }}
with states as (
    select * from {{ ref('int_reports__states') }}
),

runs as (
    select
        {{ hash_id(['states.report_path', 'states.sha256', 'runs.position::varchar']) }}
            as quality_run_id,
        states.* exclude (mtime_ns, run_id),
        states.run_id as source_run_id,
        {{ report_series('states.report_path') }} as series,
        runs.position as run_index,
        runs.tool_name,
        runs.tool_version,
        runs.category,
        runs.is_successful,
        runs.is_measured,
        runs.unmeasured_reason,
        runs.started_at,
        runs.ended_at,
        coalesce(
            runs.ended_at,
            runs.started_at,
            least({{ epoch_time('states.mtime_ns / 1e9') }}, states.landed_at)
        ) as reported_at,
    from states
    inner join {{ ref('stg_reports__runs') }} as runs
        on runs.sha256 = states.sha256
        and runs.run_seq = states.reading_seq
),

-- one row per report, content and run of a tool
final as (
    select
        *,
        max(reported_at) over (partition by report_path, sha256) as report_at,
        -- runs of one tool in one report
        row_number() over (
            partition by report_path, sha256, lower(tool_name), category order by run_index
        ) as number_of_tool,
    from runs
)

select * from final
