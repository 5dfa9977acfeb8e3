{% set rule = 'HIGH_COMPLEXITY_LOW_DOCS' %}
with complexity as (
    select * from {{ ref('int_code__complexity') }}
),

measured as (
    select
        measures.*,
        complexity.* exclude (project_id, run_id),
        complexity.measured_at as facts_at,
        -- `greatest` ignores NULL.
        greatest(measures.crawl_age_days, {{ age_days('complexity.measured_at') }})
            as fact_age_days,
        complexity.run_id,
    from {{ ref('int_files__project_measures') }} as measures
    cross join {{ ref('as_of_day') }} as as_of_day
    left join complexity using (project_id)
),

final as (
    select
        'HIGH_COMPLEXITY_LOW_DOCS' as gap_type,
        project_id,
        project_path,
        project_path as subject,
        case
            when is_gone or kind = 'loose_files' then 'not_applicable'
            -- Complexity was never measured in this workspace: the rule does not apply.
            when not exists (select 1 from complexity) then 'not_applicable'
            when crawl_age_days is null then 'unknown'
            when source_lines = 0 then 'not_applicable'
            when functions is null then 'unknown'
            when
                fact_age_days is null
                or fact_age_days > {{ threshold(rule, 'max_fact_age_days') }}
                then 'unknown'
            when complex_functions < {{ threshold(rule, 'min_complex_functions') }}
                then 'not_applicable'
            -- A sparse checkout leaves files out, perhaps the documentation.
            when files_left_out > 0 then 'unknown'
            when doc_share < {{ threshold(rule, 'min_doc_share') }} then 'fail'
            else 'pass'
        end as verdict,
        {{ stake('complex_functions', rule) }} as stake,
        -- Comments in the code are not counted, and a file without functions may be unmeasured.
        {{ threshold(rule, 'confidence') }} + {{ threshold(rule, 'confidence_if_all_measured') }}
        * coalesce({{ clamp('measured_files / nullif(source_files, 0)') }}, 0) as confidence_ratio,
        {{ json_object([
            'complex_functions', 'functions', 'max_cyclomatic',
            ('min_cyclomatic', threshold(rule, 'min_cyclomatic')), 'measured_files', 'source_files',
            'doc_lines', 'source_lines', ('doc_share', 'round(doc_share, 4)'),
            ('min_doc_share', threshold(rule, 'min_doc_share')), 'doc_files', 'has_readme',
            'most_complex',
        ]) }} as evidence,
        {{ json_object([('most_complex_named', 'most_complex_named')]) }} as text_values,
        true as is_from_crawl,
        facts_at,
        run_id,
    from measured
)

select * from final
