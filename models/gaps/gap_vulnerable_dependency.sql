{% set rule = 'VULNERABLE_DEPENDENCY' %}
with audits as (
    select * from {{ ref('int_reports__audits') }}
),

final as (
    select
        'VULNERABLE_DEPENDENCY' as gap_type,
        project_id,
        project_path,
        project_path as subject,
        case
            when is_gone or audits.project_id is null then 'not_applicable'
            -- A vulnerability remains until a newer report no longer has it.
            when counted > 0 then 'fail'
            when
                is_measured is not true or {{ age_days('reported_at') }}
                > {{ threshold(rule, 'max_fact_age_days') }} then 'unknown'
            else 'pass'
        end as verdict,
        {{ stake('counted', rule) }} as stake,
        {{ threshold(rule, 'confidence') }} as confidence_ratio,
        {{ json_object([
            'counted', 'critical', 'high', 'medium', 'low', 'unrated', 'dev_only', 'suppressed',
            'tools', 'worst',
        ]) }} as evidence,
        {{ json_object([
            'first', ('more', "if(counted > 1, '; and ' || counted - 1 || ' more', '')"),
        ]) }} as text_values,
        reported_at as facts_at,
        run_id,
    from {{ ref('int_files__project_measures') }}
    cross join {{ ref('as_of_day') }} as as_of_day
    left join audits using (project_id)
)

select * from final
