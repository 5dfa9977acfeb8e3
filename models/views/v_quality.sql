with tools as (
    select * from {{ ref('int_reports__tools') }}
),

projects as (
    select * from {{ ref('projects') }}
),

as_of_day as (
    select * from {{ ref('as_of_day') }}
),

final as (
    select
        {{ hash_id(['tools.project_id', 'tools.tool']) }} as quality_id,
        tools.project_id,
        projects.project_path,
        projects.project_name,
        tools.tool,
        tools.status,
        tools.is_measured,
        tools.unmeasured_reason,
        tools.open_count,
        tools.critical_count,
        tools.high_count,
        tools.medium_count,
        tools.low_count,
        tools.unrated_count,
        tools.suppressed_count,
        tools.new_count,
        tools.gone_count,
        tools.secret_count,
        tools.run_count,
        tools.reported_at,
        {{ age_days('tools.reported_at') }} as age_days,
        tools.matched_paths,
        tools.ambiguous_paths,
        tools.unmatched_paths,
        tools.source_run_id,
    from tools
    cross join as_of_day
    left join projects using (project_id)
)

select * from final
