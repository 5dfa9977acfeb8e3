{% set rule = 'SECRET_FOUND' %}
with projects as (
    select * from {{ ref('int_structure__projects') }}
    left join {{ ref('int_reports__secrets') }} using (project_id)
),

final as (
    select
        'SECRET_FOUND' as gap_type,
        project_id,
        project_path,
        project_path as subject,
        case
            when is_gone or kind = 'loose_files' then 'not_applicable'
            when secrets is null then 'not_applicable'
            when secrets > 0 then 'fail'
            when not is_scanned then 'not_applicable'
            when not is_measured then 'unknown'
            else 'pass'
        end as verdict,
        {{ stake('outside_tests + in_tests * ' ~ threshold(rule, 'test_share'), rule) }} as stake,
        case
            when outside_tests > 0 then {{ threshold(rule, 'confidence') }}
            else {{ threshold(rule, 'confidence_in_tests') }}
        end as confidence_ratio,
        {{ json_object(['secrets', 'in_tests', 'tools', 'examples']) }} as evidence,
        {{ json_object([('found', 'words'), ('first', 'examples[1]')]) }} as text_values,
        reported_at as facts_at,
        run_id,
    from projects
)

select * from final
