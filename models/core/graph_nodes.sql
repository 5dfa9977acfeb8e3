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
        nodes.first_seen as created_at,
        nodes.graph_type,
        nodes.file_id,
        nodes.symbol_id,
        measures.pagerank_score,
        measures.centrality_score,
        measures.in_degree,
        measures.out_degree,
        measures.workspace_pagerank_score,
        measures.workspace_centrality_score,
        nodes.source_run_id,
    from nodes
    inner join measures using (graph_type, node_id)
)

select * from final
