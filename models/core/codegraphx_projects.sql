with catalogued as (
    select * from {{ ref('stg_codegraphx__catalog_projects') }}
),

places as (
    select * from {{ ref('int_codegraphx__places') }}
),

final as (
    select
        catalogued.name,
        catalogued.path,
        catalogued.file_count,
        catalogued.line_count,
        catalogued.has_readme,
        catalogued.has_tests,
        catalogued.has_git,
        catalogued.has_ci_cd,
        catalogued.has_docs,
        catalogued.has_license,
        catalogued.path_key,
        places.project_id,
        catalogued.run_id as source_run_id,
        {{ hash_id([
            'coalesce(catalogued.path_key, catalogued.artifact_path || catalogued.position)',
        ]) }} as catalog_project_id,
        catalogued.artifact_path as catalog_path,
    from catalogued
    left join places on places.path = catalogued.path_key
)

select * from final
