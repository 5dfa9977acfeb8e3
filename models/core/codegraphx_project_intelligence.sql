with intelligence as (
    select * from {{ ref('stg_codegraphx__catalog_project_intelligence') }}
),

places as (
    select * from {{ ref('int_codegraphx__places') }}
),

keys as (
    {{ path_keys() }}
),

final as (
    select
        intelligence.source_path,
        intelligence.source_project,
        intelligence.files_analyzed,
        intelligence.functions_analyzed,
        intelligence.dependency_edges,
        intelligence.call_edges,
        intelligence.internal_call_edges,
        intelligence.avg_cyclomatic,
        intelligence.max_cyclomatic,
        intelligence.p95_cyclomatic,
        intelligence.high_complexity_functions,
        intelligence.file_similarity_pairs,
        intelligence.function_similarity_pairs,
        intelligence.max_call_chain_depth,
        intelligence.scan_artifact,
        intelligence.created_at,
        intelligence.updated_at,
        intelligence.source_path_key,
        places.project_id,
        intelligence.artifact_path as catalog_path,
        intelligence.run_id as source_run_id,
        keys.path_key as scan_artifact_key,
    from intelligence
    left join places on places.path = intelligence.source_path_key
    left join keys
        on keys.artifact_path = intelligence.artifact_path
        and keys.path = intelligence.scan_artifact
)

select * from final
