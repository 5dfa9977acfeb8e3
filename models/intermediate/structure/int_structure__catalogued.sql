with catalogued as (
    select * from {{ ref('stg_codegraphx__catalog_projects') }}
    where path_key is not null
),

-- A project keeps its first date if its catalogue is landed again.
history as (
    select
        path_key,
        min(landed_at) as first_seen,
    from ({{ landed('catalog_projects') }})
    group by path_key
),

checks as (
    select * from {{ ref('stg_codegraphx__path_checks') }}
),

-- one row per path that a landed catalogue calls a project
final as (
    select
        catalogued.path_key as path,
        catalogued.artifact_path as catalog_path,
        case when catalogued.has_git <> 0 then 'repository' else 'manifest' end as kind,
        checks.state as check_state,
        checks.landed_at as looked_at,
        history.first_seen,
        catalogued.landed_at,
        catalogued.run_id,
    from catalogued
    inner join history using (path_key)
    left join checks using (path_key)
)

select * from final
