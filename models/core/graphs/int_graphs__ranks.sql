with pairs as (
    select * from {{ ref('int_graphs__pairs') }}
),

spaces as (
    select * from {{ ref('int_graphs__spaces') }}
),

placed as (
    select * from pairs
    where is_inside

    union all

    select * replace ('' as project_id) from pairs
),

ranked as (
    select
        placed.graph_type,
        placed.project_id,
        spaces.first_number,
        {{ numbered_ranks(
            'placed.source - spaces.first_number',
            'placed.target - spaces.first_number',
            'placed.weight',
            'spaces.node_count'
        ) }}
    from placed
    inner join spaces using (graph_type, project_id)
    group by placed.graph_type, placed.project_id, spaces.first_number, spaces.node_count
),

-- one row per node of a graph with edges, and the graph: of the project, or of the workspace
final as (
    select
        graph_type,
        project_id,
        first_number + number as number,
        rank,
    from ranked
)

select * from final
