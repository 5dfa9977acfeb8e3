{{ config(materialized='ephemeral') }}
with enrichment as (
    select * from {{ ref('stg_codegraphx__catalog_enrichment') }}
),

pointers as (
    select artifact_path, owner, path, min(path_key) as path_key
    from {{ ref('stg_codegraphx__pointers') }}
    where pointer = 'scan_artifact'
    group by artifact_path, owner, path
),

-- one row per source path: the scan that the catalogue registers for it
final as (
    select
        enrichment.source_path_key,
        enrichment.source_project,
        enrichment.scan_file_count,
        -- A scan cannot be younger than its landing.
        least(enrichment.updated_at, enrichment.landed_at) as scanned_at,
        coalesce(pointers.path_key, enrichment.scan_artifact) as scan_path,
        enrichment.run_id,
    from enrichment
    left join pointers
        on pointers.artifact_path = enrichment.artifact_path
        and pointers.owner = enrichment.source_path_key
        and pointers.path = enrichment.scan_artifact
)

select * from final
