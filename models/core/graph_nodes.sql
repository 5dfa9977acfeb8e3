with nodes as (
    select * from {{ ref('int_graphs__nodes') }}
),

measures as (
    select * from {{ ref('int_graphs__measures') }}
),

final as (
    select
        nodes.project_id as codebase_id,
        nodes.node_id,
        nodes.node_type,
        nodes.name,
        nodes.file_path,
        nodes.line_number,
        cast(null as double[]) as vector_embedding,
        cast(null as double) as vector_magnitude,
        {{ json_object({'language': 'nodes.language'}) }} as metadata,
        files.first_seen as created_at,
        nodes.graph_type,
        nodes.file_id,
        nodes.symbol_id,
        in_project.pagerank_score,
        in_project.centrality_score,
        in_project.in_degree,
        in_project.out_degree,
        in_workspace.pagerank_score as workspace_pagerank_score,
        in_workspace.centrality_score as workspace_centrality_score,
        nodes.source_run_id,
    from nodes
    inner join {{ ref('files') }} as files using (file_id)
    inner join measures as in_project
        on in_project.graph_type = nodes.graph_type
        and in_project.node_id = nodes.node_id
        and in_project.space = nodes.project_id
    inner join measures as in_workspace
        on in_workspace.graph_type = nodes.graph_type
        and in_workspace.node_id = nodes.node_id
        and in_workspace.space = ''
)

select * from final
