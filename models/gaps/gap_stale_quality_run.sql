{% set rule = 'STALE_QUALITY_RUN' %}
with tools as (
    select
        *,
        days_behind > {{ threshold(rule, 'max_days_behind') }}
        and commits_since >= {{ threshold(rule, 'min_commits') }} as is_stale,
    from {{ ref('int_reports__behind') }}
),

stale as (
    select
        project_id,
        count(*) as tools,
        count(*) filter (where is_stale) as stale_tools,
        max(days_behind) filter (where is_stale) as days_behind,
        max(commits_since) filter (where is_stale) as commits_since,
        list(tool order by days_behind desc, tool) filter (where is_stale and tool is not null)
            as stale_names,
        max(reported_at) as reported_at,
        max(run_id) as run_id,
    from tools
    group by project_id
),

final as (
    select
        'STALE_QUALITY_RUN' as gap_type,
        projects.project_id,
        projects.project_path,
        projects.project_path as subject,
        case
            when projects.is_gone or projects.kind = 'loose_files' then 'not_applicable'
            when stale.project_id is null then 'not_applicable'
            when stale.stale_tools > 0 then 'fail'
            else 'pass'
        end as verdict,
        {{ stake('stale.days_behind', rule) }} as stake,
        {{ threshold(rule, 'confidence') }} as confidence_ratio,
        {{ json_object([
            'tools', 'stale_tools', 'days_behind', 'commits_since', ('stale', 'stale_names'),
        ]) }} as evidence,
        {{ json_object([
            ('names', "coalesce(array_to_string(stale_names[1:3], ', '), 'a tool')"
                ~ " || if(stale_tools > 3, ' and ' || stale_tools - 3 || ' more', '')"),
            ('days', 'days_behind'),
            ('commits', 'commits_since'),
        ]) }} as text_values,
        stale.reported_at as facts_at,
        stale.run_id,
    from {{ ref('int_structure__projects') }} as projects
    left join stale using (project_id)
)

select * from final
