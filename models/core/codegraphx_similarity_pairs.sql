with pairs as (
    select
        *,
        -- Functions are named from their source path on, files in full.
        case when pair_type = 'file' then '' else source_path_key || '/' end as id_prefix,
    from {{ ref('stg_catalog__similarity_pairs') }}
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
        {{ is_innermost('pairs', "pairs.pair_type, pairs.id_prefix || pairs.left_id, pairs.id_prefix || pairs.right_id") }}
            as is_innermost,
        pairs.artifact_path as catalog_path,
        pairs.run_id as source_run_id,
    from pairs
    left join places on places.path = pairs.source_path_key
)

select * from final
