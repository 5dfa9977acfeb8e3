{% set rule = 'FAILING_TESTS' %}
with tests as (
    select * from {{ ref('int_reports__project_tests') }}
),

final as (
    select
        'FAILING_TESTS' as gap_type,
        project_id,
        project_path,
        project_path as subject,
        case
            when is_gone or tests.project_id is null then 'not_applicable'
            when {{ age_days('reported_at') }} > {{ threshold(rule, 'max_fact_age_days') }}
                then 'unknown'
            when failing > 0 then 'fail'
            when run_tests > 0 then 'pass'
            else 'unknown'
        end as verdict,
        {{ stake('failing', rule) }} as stake,
        case
            when is_changed_since then {{ threshold(rule, 'confidence_if_changed_since') }}
            else {{ threshold(rule, 'confidence') }}
        end as confidence_ratio,
        {{ json_object([
            'failing', 'flaky', 'skipped', 'run_tests', 'is_changed_since', 'tools', 'examples',
        ]) }} as evidence,
        {{ json_object(['failing', 'run_tests', 'first']) }} as text_values,
        reported_at as facts_at,
        run_id,
    from {{ ref('int_files__project_measures') }}
    cross join {{ ref('as_of_day') }} as as_of_day
    left join tests using (project_id)
)

select * from final
