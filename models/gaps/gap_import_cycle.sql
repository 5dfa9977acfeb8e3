{% set rule = 'IMPORT_CYCLE' %}
with projects as (
    select * from {{ ref('int_files__project_measures') }}
    left join {{ ref('int_code__project_cycles') }} using (project_id)
),

final as (
    select
        'IMPORT_CYCLE' as gap_type,
        project_id,
        project_path,
        project_path as subject,
        case
            -- Without an import that was read, there is nothing to judge.
            when is_gone or import_count is null then 'not_applicable'
            when crawl_age_days is null then 'unknown'
            when crawl_age_days > {{ threshold(rule, 'max_fact_age_days') }} then 'unknown'
            when cycles > 0 then 'fail'
            else 'pass'
        end as verdict,
        {{ stake('files_in_cycles', rule) }} as stake,
        {{ threshold(rule, 'confidence') }} as confidence_ratio,
        {{ json_object([
            'cycles', 'files_in_cycles', 'import_count', ('counted', "'imports at the top level'"),
            ('not_counted', "'imports for type checkers, inside of functions, and dynamic ones'"),
            ('min_confidence', threshold(rule, 'min_confidence')), 'examples',
        ]) }} as evidence,
        {{ json_object([
            'first',
            ('more', "if(cycles > 1, '; and ' || cycles - 1 || ' more', '')"),
        ]) }} as text_values,
        true as is_from_crawl,
        cast(null as timestamp) as facts_at,
        cast(null as varchar) as run_id,
    from projects
)

select * from final
