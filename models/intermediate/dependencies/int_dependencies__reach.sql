with recursive edges as (
    select * from {{ ref('int_dependencies__edges') }}
),

-- one row per project and dependant, direct or not; `union` keeps a pair once, so that a cycle ends
reach as (
    select project_id, dependant_project_id
    from edges

    union

    select reach.project_id, edges.dependant_project_id
    from reach
    inner join edges on edges.project_id = reach.dependant_project_id
    where edges.dependant_project_id <> reach.project_id
),

final as (
    select
        reach.project_id,
        reach.dependant_project_id,
        edges.project_id is not null as is_direct,
    from reach
    left join edges using (project_id, dependant_project_id)
)

select * from final
