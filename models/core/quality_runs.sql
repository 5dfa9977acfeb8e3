with runs as (
    select * from {{ ref('int_reports__runs') }}
),

places as (
    select * from {{ ref('int_reports__places') }}
),

main_projects as (
    select report_path, sha256, run_index, project_id from places
    where match_state = 'matched'
    group by report_path, sha256, run_index, project_id
    qualify row_number() over (
        partition by report_path, sha256, run_index order by count(*) desc, project_id
    ) = 1
),

path_counts as (
    select
        report_path,
        sha256,
        run_index,
        count(*) filter (where match_state = 'matched') as matched_paths,
        count(*) filter (where match_state = 'ambiguous') as ambiguous_paths,
        count(*) filter (where match_state = 'unmatched') as unmatched_paths,
    from places
    group by all
),

finding_counts as (
    select
        sha256,
        reading_seq,
        run_index,
        {% for severity in ['critical', 'high', 'medium', 'low'] -%}
        count(*) filter (where severity = '{{ severity }}') as {{ severity }}_count,
        {% endfor -%}
        count(*) filter (where severity is null) as unrated_count,
    from {{ ref('int_reports__findings') }}
    where status = 'open'
    group by all
),

final as (
    select
        runs.quality_run_id,
        runs.report_path,
        runs.sha256,
        runs.run_index,
        runs.format,
        runs.tool_name as tool,
        runs.tool_version,
        runs.category,
        coalesce(main_projects.project_id, runs.project_id) as project_id,
        case
            when not runs.is_successful then 'error'
            when not runs.is_measured or finding_counts.sha256 is not null then 'warning'
            else 'ok'
        end as status,
        runs.is_successful,
        coalesce(runs.is_measured, true) as is_measured,
        runs.unmeasured_reason,
        {% for severity in ['critical', 'high', 'medium', 'low', 'unrated'] -%}
        coalesce(finding_counts.{{ severity }}_count, 0) as {{ severity }}_count,
        {% endfor -%}
        runs.started_at,
        runs.ended_at,
        runs.reported_at,
        runs.is_current
        and lead(runs.quality_run_id) over series is null as is_newest,
        {% for state in ['matched', 'ambiguous', 'unmatched'] -%}
        coalesce(path_counts.{{ state }}_paths, 0) as {{ state }}_paths,
        {% endfor -%}
        runs.landed_at,
        lag(runs.quality_run_id) over series as previous_run_id,
        runs.source_run_id,
    from runs
    left join main_projects using (report_path, sha256, run_index)
    left join path_counts using (report_path, sha256, run_index)
    left join finding_counts using (sha256, reading_seq, run_index)
    -- A report on disk is newer than one that was removed or written over.
    window series as (
        partition by
            coalesce(main_projects.project_id, runs.project_id), lower(runs.tool_name),
            runs.category, runs.format, runs.series, runs.number_of_tool
        order by runs.is_current, runs.report_at, runs.run_seq, runs.report_path
    )
)

select * from final
