{% set rule = 'VERSION_CONFLICT' %}
with final as (
    select
        'VERSION_CONFLICT' as gap_type,
        project_id,
        project_path,
        project_path as subject,
        case
            when is_gone or kind = 'loose_files' then 'not_applicable'
            when crawl_age_days is null then 'unknown'
            when crawl_age_days > {{ threshold(rule, 'max_fact_age_days') }} then 'unknown'
            when conflicts > 0 then 'fail'
            when satisfied > 0 then 'pass'
            else 'not_applicable'
        end as verdict,
        {{ stake('conflicts', rule) }} as stake,
        {{ threshold(rule, 'confidence') }} as confidence_ratio,
        {{ json_object([
            'conflicts', 'satisfied', ('conflicting', 'conflicting[1:20]'),
        ]) }} as evidence,
        {{ json_object([
            ('first', 'sentences[1]'),
            ('more', "if(conflicts > 1, '; and ' || conflicts - 1 || ' more', '')"),
        ]) }} as text_values,
        true as is_from_crawl,
        cast(null as timestamp) as facts_at,
        cast(null as varchar) as run_id,
    from {{ ref('int_files__project_measures') }}
    left join {{ ref('int_dependencies__conflicts') }} using (project_id)
)

select * from final
