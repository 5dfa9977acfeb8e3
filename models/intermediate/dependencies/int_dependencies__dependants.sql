with projects as (
    select project_id from {{ ref('int_structure__projects') }}
    where not is_gone
),

counted as (
    select
        project_id,
        count(*) filter (where is_direct) as direct_dependants,
        count(*) filter (where not is_direct) as further_dependants,
    from {{ ref('int_dependencies__reach') }}
    group by project_id
),

named as (
    select distinct project_id from {{ ref('int_dependencies__packages') }}
),

-- The number of dependants is NULL if the project has no known name by which others could need it.
final as (
    select
        projects.project_id,
        coalesce(counted.direct_dependants, case when named.project_id is not null then 0 end)
            as direct_dependants,
        coalesce(counted.further_dependants, case when named.project_id is not null then 0 end)
            as further_dependants,
    from projects
    left join counted using (project_id)
    left join named using (project_id)
)

select * from final
