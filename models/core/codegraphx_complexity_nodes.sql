with nodes as (
    select * from {{ ref('int_codegraphx__complexity_nodes') }}
),

final as (
    select
        nodes.id,
        nodes.source_path,
        nodes.source_project,
        nodes.file_path,
        nodes.function_uid,
        nodes.function_name,
        nodes.start_line,
        nodes.end_line,
        nodes.language,
        nodes.cyclomatic,
        nodes.call_count,
        nodes.created_at,
        nodes.updated_at,
        nodes.source_path_key,
        nodes.file_path_key,
        nodes.project_id,
        nodes.is_innermost,
        nodes.artifact_path as catalog_path,
        nodes.run_id as source_run_id,
    from nodes
)

select * from final
