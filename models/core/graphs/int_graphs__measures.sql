with numbered as (
    select * from {{ ref('int_graphs__numbered') }}
),

ranks as (
    select * from {{ ref('int_graphs__ranks') }}
),

degrees as (
    select * from {{ ref('int_graphs__degrees') }}
),

spaces as (
    select * from {{ ref('int_graphs__spaces') }}
),

-- One row per node. As in networkx, the centrality of a node is the share of the other nodes, both
-- ways; a graph without edges has equal ranks.
final as (
    select
        numbered.graph_type,
        numbered.node_id,
        cast(coalesce(degrees.in_degree, 0) as bigint) as in_degree,
        cast(coalesce(degrees.out_degree, 0) as bigint) as out_degree,
        coalesce(ranks.rank, 1.0 / spaces.node_count) as pagerank_score,
        coalesce(workspace_ranks.rank, 1.0 / workspaces.node_count) as workspace_pagerank_score,
        case
            when spaces.node_count = 1 then 1.0
            else coalesce(degrees.degree, 0) / (spaces.node_count - 1)
        end as centrality_score,
        case
            when workspaces.node_count = 1 then 1.0
            else coalesce(degrees.workspace_degree, 0) / (workspaces.node_count - 1)
        end as workspace_centrality_score,
    from numbered
    inner join spaces
        on spaces.graph_type = numbered.graph_type and spaces.project_id = numbered.project_id
    inner join spaces as workspaces
        on workspaces.graph_type = numbered.graph_type and workspaces.project_id = ''
    left join ranks
        on ranks.graph_type = numbered.graph_type
        and ranks.number = numbered.number
        and ranks.project_id = numbered.project_id
    left join ranks as workspace_ranks
        on workspace_ranks.graph_type = numbered.graph_type
        and workspace_ranks.number = numbered.number
        and workspace_ranks.project_id = ''
    left join degrees
        on degrees.graph_type = numbered.graph_type and degrees.number = numbered.number
)

select * from final
