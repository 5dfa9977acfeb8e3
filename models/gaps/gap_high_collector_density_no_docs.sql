{% set rule = 'HIGH_COLLECTOR_DENSITY_NO_DOCS' %}
{% set least = threshold(rule, 'min_collector_files') %}
{% set density = 'sure_collector_files / nullif(classified_files, 0)' %}
with collectors as (select * from {{ ref('int_roles__collectors') }}),

final as (
    select
        'HIGH_COLLECTOR_DENSITY_NO_DOCS' as gap_type,
        project_id,
        projects.project_path,
        projects.project_path as subject,
        case
            when is_gone or kind = 'loose_files' then 'not_applicable'
            when not exists (select 1 from collectors) then 'not_applicable'
            when sure_collector_files is null then 'unknown'
            when sure_collector_files < {{ least }} then 'not_applicable'
            when {{ density }} < {{ threshold(rule, 'min_collector_density') }} then 'pass'
            when has_docs then 'pass'
            else if(has_docs is null, 'unknown', 'fail')
        end as verdict,
        {{ stake('sure_collector_files', rule) }} as stake,
        -- The finding is as sure as the roles that it is based on.
        coalesce(
            {{ threshold(rule, 'confidence_by_role') }} * collector_confidence,
            {{ threshold(rule, 'confidence_by_words') }}
        ) as confidence_ratio,
        {{ json_object([
            'collector_files', 'sure_collector_files', 'classified_files', 'collector_confidence',
            ('collector_density', 'round(' ~ density ~ ', 4)'),
            ('min_collector_density', threshold(rule, 'min_collector_density')), 'has_docs',
        ]) }} as evidence,
        -- Roles are as new as the crawl.
        is_by_role as is_from_crawl,
        judged_at as facts_at,
        collectors.run_id,
    from {{ ref('int_structure__projects') }} as projects
    left join collectors using (project_id)
)

select * from final
