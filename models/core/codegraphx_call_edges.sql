with edges as (
    select * from {{ ref('stg_codegraphx__catalog_call_edges') }}
),

places as (
    select * from {{ ref('int_codegraphx__places') }}
),

final as (
    select
        edges.id,
        edges.source_path,
        edges.source_project,
        edges.caller_uid,
        edges.caller_file,
        edges.callee_name,
        edges.callee_uid,
        edges.is_internal,
        edges.call_count,
        edges.created_at,
        edges.updated_at,
        edges.source_path_key,
        edges.caller_file_key,
        places.project_id,
        {{ is_innermost('edges', 'coalesce(edges.caller_file_key, edges.caller_file)') }}
            as is_innermost,
        edges.artifact_path as catalog_path,
        edges.run_id as source_run_id,
    from edges
    left join places on places.path = {{ parent_path('edges.caller_file_key') }}
)

select * from final
