with numbered as (
    select * from {{ ref('int_graphs__numbered') }}
),

edges as (
    select * from {{ ref('graph_edges') }}
),

-- one row per pair of nodes with an edge, by their numbers
final as (
    select
        edges.graph_type,
        sources.number as source,
        targets.number as target,
        sources.project_id,
        sources.project_id = targets.project_id as is_inside,
        sum(edges.weight) as weight,
    from edges
    inner join numbered as sources
        on sources.graph_type = edges.graph_type and sources.node_id = edges.from_node_id
    inner join numbered as targets
        on targets.graph_type = edges.graph_type and targets.node_id = edges.to_node_id
    group by edges.graph_type, sources.number, targets.number, sources.project_id, is_inside
)

select * from final
