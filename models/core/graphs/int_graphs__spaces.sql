with numbered as (
    select * from {{ ref('int_graphs__numbered') }}
),

-- one row per graph of a project, and per graph of the workspace, whose project is empty
final as (
    select
        graph_type,
        project_id,
        min(number) as first_number,
        count(*) as node_count,
    from numbered
    group by graph_type, project_id

    union all

    select
        graph_type,
        '' as project_id,
        0 as first_number,
        count(*) as node_count,
    from numbered
    group by graph_type
)

select * from final
