with projects as (
    select * from {{ ref('int_structure__projects') }}
),

collectors as (
    select * from {{ ref('int_roles__collectors') }}
),

measured as (
    select
        projects.project_id,
        projects.project_path,
        projects.project_name,
        projects.kind,
        projects.is_gone,
        collectors.classified_files,
        collectors.collector_files,
        collectors.collector_files / nullif(collectors.classified_files, 0) as collector_density,
        collectors.has_docs,
        collectors.is_by_role,
        collectors.judged_at,
        coalesce(collectors.run_id, projects.repository_run_id) as run_id,
    from projects
    left join collectors using (project_id)
),

judged as (
    select
        *,
        case
            when is_gone or kind = 'loose_files' then 'not_applicable'
            -- Of a workspace that no source classifies, nothing is missing.
            when not exists (select 1 from collectors) then 'not_applicable'
            when collector_files is null or classified_files is null then 'unknown'
            when collector_files < {{ threshold('HIGH_COLLECTOR_DENSITY_NO_DOCS', 'min_collector_files') }}
                then 'not_applicable'
            when collector_density < {{ threshold('HIGH_COLLECTOR_DENSITY_NO_DOCS', 'min_collector_density') }}
                then 'pass'
            when has_docs is null then 'unknown'
            when has_docs then 'pass'
            else 'fail'
        end as verdict,
    from measured
),

final as (
    select
        'HIGH_COLLECTOR_DENSITY_NO_DOCS' as gap_type,
        project_id,
        project_path,
        project_path as subject,
        verdict,
        coalesce({{ stake('collector_files', 'HIGH_COLLECTOR_DENSITY_NO_DOCS') }}, 0) as stake,
        -- CodeGraphX's signals are words found in the text; comments and strings count.
        case when is_by_role then 0.7 else 0.6 end as confidence_ratio,
        {{ json_object({
            'collector_files': 'collector_files', 'classified_files': 'classified_files',
            'collector_density': 'round(collector_density, 4)',
            'min_collector_density': threshold('HIGH_COLLECTOR_DENSITY_NO_DOCS', 'min_collector_density'),
            'has_docs': 'has_docs',
        }) }} as evidence,
        'Document what ' || project_name || ' collects' as headline,
        collector_files || ' of its ' || classified_files || ' files collect, and no documentation goes beyond a README' as because,
        cast(null as varchar) as advice,
        cast(null as varchar) as action_group,
        {{ argv('enrich', ["'show'", 'project_path'], ['project_path']) }} as argv,
        'read' as effect,
        judged_at as facts_at,
        run_id,
    from judged
)

select * from final
