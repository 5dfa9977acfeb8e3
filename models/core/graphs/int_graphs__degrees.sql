with ends as (
    select
        graph_type,
        source as number,
        1 as leaving,
        0 as entering,
        is_inside,
    from {{ ref('int_graphs__pairs') }}

    union all

    select
        graph_type,
        target as number,
        0 as leaving,
        1 as entering,
        is_inside,
    from {{ ref('int_graphs__pairs') }}
),

-- one row per node with edges
final as (
    select
        graph_type,
        number,
        sum(entering) filter (where is_inside) as in_degree,
        sum(leaving) filter (where is_inside) as out_degree,
        count(*) filter (where is_inside) as degree,
        count(*) as workspace_degree,
    from ends
    group by graph_type, number
)

select * from final
