{% set rule = 'UNCOVERED_HOTSPOT' %}
with coverage as (
    select
        project_id,
        sum(uncovered_hotspots) as uncovered_hotspots,
        sum(measured_files) as measured_files,
        flatten(list(hottest) filter (where hottest is not null))[1:10] as hottest,
        list_sort(list_distinct(flatten(list(tools)))) as tools,
        max(reported_at) as facts_at,
        {{ age_days('facts_at', 'max(as_of_day.as_of_day)') }} as report_age_days,
        max_by(source_run_id, reported_at) as run_id,
    from {{ ref('int_reports__project_coverage') }}
    cross join {{ ref('as_of_day') }} as as_of_day
    group by project_id
),

final as (
    select
        'UNCOVERED_HOTSPOT' as gap_type,
        project_id,
        project_path,
        project_path as subject,
        case
            when is_gone or coverage.project_id is null then 'not_applicable'
            when report_age_days > {{ threshold(rule, 'max_fact_age_days') }} then 'unknown'
            when uncovered_hotspots > 0 then 'fail'
            else 'pass'
        end as verdict,
        {{ stake('uncovered_hotspots', rule) }} as stake,
        {{ threshold(rule, 'confidence') }} as confidence_ratio,
        {{ json_object(['uncovered_hotspots', 'measured_files', 'tools', 'hottest']) }} as evidence,
        {{ json_object(['uncovered_hotspots', ('first', 'hottest[1].file')]) }} as text_values,
        facts_at,
        run_id,
    from {{ ref('int_files__project_measures') }}
    left join coverage using (project_id)
)

select * from final
