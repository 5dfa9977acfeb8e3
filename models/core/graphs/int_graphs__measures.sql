with nodes as (
    select graph_type, project_id, node_id from {{ ref('int_graphs__nodes') }}
),

edges as (
    select graph_type, from_node_id, to_node_id, sum(weight) as weight
    from {{ ref('graph_edges') }}
    group by graph_type, from_node_id, to_node_id
),

-- one row per node in the graph of its project, and one in that of the workspace
spaces as (
    select graph_type, project_id as space, node_id
    from nodes

    union all

    select graph_type, '' as space, node_id
    from nodes
),

numbered as (
    select
        *,
        row_number() over (partition by graph_type, space order by node_id) - 1 as number,
        count(*) over (partition by graph_type, space) as node_count,
    from spaces
),

placed as (
    select
        sources.graph_type,
        sources.space,
        sources.node_count,
        sources.number as source,
        targets.number as target,
        edges.weight,
    from edges
    inner join numbered as sources
        on sources.graph_type = edges.graph_type and sources.node_id = edges.from_node_id
    inner join numbered as targets
        on targets.graph_type = edges.graph_type
        and targets.node_id = edges.to_node_id
        and targets.space = sources.space
),

ranks as (
    select
        graph_type,
        space,
        {{ numbered_ranks('source', 'target', 'weight', 'any_value(node_count)') }}
    from placed
    group by graph_type, space
),

degrees as (
    select
        graph_type,
        space,
        number,
        sum(leaving) as out_degree,
        sum(entering) as in_degree,
    from (
        select graph_type, space, source as number, 1 as leaving, 0 as entering from placed
        union all
        select graph_type, space, target as number, 0 as leaving, 1 as entering from placed
    ) as ends
    group by graph_type, space, number
),

final as (
    select
        numbered.graph_type,
        numbered.space,
        numbered.node_id,
        coalesce(ranks.rank, 1.0 / numbered.node_count) as pagerank_score,
        cast(coalesce(degrees.in_degree, 0) as bigint) as in_degree,
        cast(coalesce(degrees.out_degree, 0) as bigint) as out_degree,
        -- as networkx: the share of the other nodes, both ways
        case
            when numbered.node_count = 1 then 1.0
            else coalesce(degrees.in_degree + degrees.out_degree, 0) / (numbered.node_count - 1)
        end as centrality_score,
    from numbered
    left join ranks using (graph_type, space, number)
    left join degrees using (graph_type, space, number)
)

select * from final
