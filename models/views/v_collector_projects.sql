-- Files have no roles yet: what is known is which of them CodeGraphX calls collectors.
with collectors as (
    select * from {{ ref('int_codegraphx__collectors') }}
),

final as (
    select
        project_id,
        project_path,
        project_name,
        cast(files_analyzed as bigint) as classified_files,
        cast(collector_files as bigint) as collector_files,
        cast(null as bigint) as transformer_files,
        cast(null as bigint) as analyzer_files,
        cast(null as bigint) as reporter_files,
        cast(null as bigint) as fixer_files,
        cast(null as bigint) as orchestrator_files,
        cast(null as bigint) as low_confidence_files,
        cast(collector_files / nullif(files_analyzed, 0) as double) as collector_density,
        cast(null as double) as mean_confidence,
        top_collectors,
        has_docs,
        run_id as source_run_id,
    from collectors
)

select * from final
