{{ config(materialized='ephemeral') }}
with runs as (
    select * from {{ ref('quality_runs') }}
    where is_newest
),

-- A tool is as current as its newest report, whatever the format.
run_counts as (
    select
        project_id,
        tool,
        count(*) as run_count,
        max_by(status, case status when 'error' then 3 when 'warning' then 2 else 1 end) as status,
        bool_and(is_measured) as is_measured,
        max(unmeasured_reason) as unmeasured_reason,
        max(reported_at) as reported_at,
        {% for state in ['matched', 'ambiguous', 'unmatched'] -%}
        sum({{ state }}_paths)::bigint as {{ state }}_paths,
        {% endfor -%}
        max(source_run_id) as source_run_id,
    from runs
    group by project_id, tool
),

finding_counts as (
    select
        project_id,
        tool,
        count(*) filter (where status = 'open') as open_count,
        {% for severity in ['critical', 'high', 'medium', 'low'] -%}
        count(*) filter (where status = 'open' and severity = '{{ severity }}')
            as {{ severity }}_count,
        {% endfor -%}
        count(*) filter (where status = 'open' and severity is null) as unrated_count,
        count(*) filter (where status = 'suppressed') as suppressed_count,
        count(*) filter (where state = 'new' and status = 'open') as new_count,
        count(*) filter (where status = 'gone') as gone_count,
        count(*) filter (where status = 'open' and is_secret) as secret_count,
    from {{ ref('quality_findings') }}
    group by project_id, tool
),

-- one row per project and tool with a report; NULL is the reports of no project
final as (
    select
        run_counts.*,
        {% for count in [
            'open', 'critical', 'high', 'medium', 'low', 'unrated', 'suppressed', 'new', 'gone',
            'secret',
        ] -%}
        coalesce(finding_counts.{{ count }}_count, 0) as {{ count }}_count,
        {% endfor %}
    from run_counts
    left join finding_counts
        on finding_counts.project_id is not distinct from run_counts.project_id
        and finding_counts.tool is not distinct from run_counts.tool
)

select * from final
