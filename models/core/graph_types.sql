with types as (
    select
        names.graph_type,
        names.description,
    from (
        values
        ('CallGraph', 'Functions, methods and types, and the calls between them.'),
        ('ImportGraph', 'Files, and the imports between them.'),
        ('SemanticGraph', 'Types, and what they inherit from.'),
        ('DataFlowGraph', 'Values, and where they come from.')
    ) as names (graph_type, description)
),

nodes as (
    select graph_type, count(*) as node_count, max(source_run_id) as source_run_id
    from {{ ref('graph_nodes') }}
    group by graph_type
),

edges as (
    select graph_type, count(*) as edge_count
    from {{ ref('graph_edges') }}
    group by graph_type
),

final as (
    select
        types.graph_type,
        types.description,
        coalesce(nodes.node_count, 0) as node_count,
        coalesce(edges.edge_count, 0) as edge_count,
        case
            when types.graph_type = 'DataFlowGraph'
                then 'The extractors do not follow values from one expression to the next.'
            when nodes.node_count is null then 'No code of own files was read.'
        end as empty_reason,
        nodes.source_run_id,
    from types
    left join nodes using (graph_type)
    left join edges using (graph_type)
)

select * from final
