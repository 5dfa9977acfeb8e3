{% set rule = 'DEPENDENCY_DRIFT' %}
-- one row per project whose installed packages are known
with installed as (
    select project_id, max(reported_at) as facts_at, max_by(source_run_id, reported_at) as run_id
    from {{ ref('sbom_components') }}
    where not is_root and version is not null
    group by project_id
),

final as (
    select
        'DEPENDENCY_DRIFT' as gap_type,
        project_id,
        project_path,
        project_path as subject,
        case
            when is_gone or installed.project_id is null then 'not_applicable'
            when {{ age_days('facts_at') }} > {{ threshold(rule, 'max_fact_age_days') }}
                then 'unknown'
            when packages >= {{ threshold(rule, 'min_packages') }} then 'fail'
            else 'pass'
        end as verdict,
        {{ stake('packages', rule) }} as stake,
        {{ threshold(rule, 'confidence') }} as confidence_ratio,
        {{ json_object(['packages', ('drifting', 'drifting[1:20]')]) }} as evidence,
        {{ json_object([
            ('first', "drifting[1].package || ' ' || drifting[1].version || ', and '"
                ~ " || drifting[1].newest_here || ' is used here too'"),
            ('more', "if(packages > 1, '; and ' || packages - 1 || ' more', '')"),
        ]) }} as text_values,
        facts_at,
        run_id,
    from {{ ref('int_files__project_measures') }}
    cross join {{ ref('as_of_day') }} as as_of_day
    left join installed using (project_id)
    left join {{ ref('int_dependencies__drifting') }} using (project_id)
)

select * from final
