with edges as (
    select * from {{ ref('stg_codegraphx__catalog_dependency_edges') }}
),

places as (
    select * from {{ ref('int_codegraphx__places') }}
),

final as (
    select
        edges.id,
        edges.source_path,
        edges.source_project,
        edges.file_path,
        edges.import_name,
        edges.is_internal,
        edges.import_count,
        edges.created_at,
        edges.updated_at,
        edges.source_path_key,
        edges.file_path_key,
        places.project_id,
        {{ is_innermost('edges', 'edges.file_path_key') }} as is_innermost,
        edges.artifact_path as catalog_path,
        edges.run_id as source_run_id,
    from edges
    left join places on places.path = {{ parent_path('edges.file_path_key') }}
)

select * from final
