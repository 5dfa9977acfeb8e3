with pairs as (
    select
        *,
        -- Ids of files are whole paths, those of functions begin below the source path.
        case when pair_type = 'file' then '' else source_path_key || '/' end as id_prefix,
        id_prefix || left_id as full_left_id,
        id_prefix || right_id as full_right_id,
    from {{ ref('stg_codegraphx__catalog_similarity_pairs') }}
),

places as (
    select * from {{ ref('int_codegraphx__places') }}
),

final as (
    select
        pairs.id,
        pairs.source_path,
        pairs.source_project,
        pairs.pair_type,
        pairs.left_id,
        pairs.right_id,
        pairs.similarity,
        pairs.evidence_json,
        pairs.created_at,
        pairs.updated_at,
        pairs.source_path_key,
        places.project_id,
        {{ is_innermost('pairs', 'pairs.pair_type, pairs.full_left_id, pairs.full_right_id') }}
            as is_innermost,
        pairs.artifact_path as catalog_path,
        pairs.run_id as source_run_id,
    from pairs
    left join places on places.path = pairs.source_path_key
)

select * from final
