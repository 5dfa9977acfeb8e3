-- Empty until files are classified: no row is an honest answer, a row of zeros would not be.
with projects as (
    select * from {{ ref('projects') }}
),

final as (
    select
        project_id,
        project_path,
        project_name,
        cast(null as bigint) as classified_files,
        cast(null as bigint) as collector_files,
        cast(null as bigint) as transformer_files,
        cast(null as bigint) as analyzer_files,
        cast(null as bigint) as reporter_files,
        cast(null as bigint) as fixer_files,
        cast(null as bigint) as orchestrator_files,
        cast(null as bigint) as low_confidence_files,
        cast(null as double) as collector_density,
        cast(null as double) as mean_confidence,
        cast(null as varchar) as top_collectors,
        cast(null as boolean) as has_docs,
        source_run_id,
    from projects
    where false
)

select * from final
