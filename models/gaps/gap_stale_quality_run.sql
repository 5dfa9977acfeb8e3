{% set rule = 'STALE_QUALITY_RUN' %}
with projects as (
    select * from {{ ref('int_structure__projects') }}
    left join {{ ref('int_reports__behind') }} using (project_id)
),

final as (
    select
        'STALE_QUALITY_RUN' as gap_type,
        project_id,
        project_path,
        project_path as subject,
        case
            when is_gone or kind = 'loose_files' or vcs = 'none' then 'not_applicable'
            when tools is null then 'not_applicable'
            when not has_commits then 'unknown'
            when stale_tools > 0 then 'fail'
            else 'pass'
        end as verdict,
        {{ stake('days_behind', rule) }} as stake,
        {{ threshold(rule, 'confidence') }} as confidence_ratio,
        {{ json_object([
            'tools', 'stale_tools', 'days_behind', 'commits_since', ('stale', 'stale_names'),
        ]) }} as evidence,
        {{ json_object([
            ('names', 'first_names'), ('days', 'days_behind'), ('commits', 'commits_since'),
        ]) }} as text_values,
        reported_at as facts_at,
        run_id,
    from projects
)

select * from final
