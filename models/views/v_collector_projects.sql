with collectors as (
    select * from {{ ref('int_roles__collectors') }}
),

final as (
    select
        project_id,
        project_path,
        project_name,
        cast(classified_files as bigint) as classified_files,
        cast(collector_files as bigint) as collector_files,
        cast(transformer_files as bigint) as transformer_files,
        cast(analyzer_files as bigint) as analyzer_files,
        cast(reporter_files as bigint) as reporter_files,
        cast(fixer_files as bigint) as fixer_files,
        cast(orchestrator_files as bigint) as orchestrator_files,
        cast(low_confidence_files as bigint) as low_confidence_files,
        cast(collector_files / nullif(classified_files, 0) as double) as collector_density,
        cast(mean_confidence as double) as mean_confidence,
        top_collectors,
        has_docs,
        run_id as source_run_id,
    from collectors
)

select * from final
