{{ config(materialized='ephemeral') }}
with projects as (
    select project_id, project_path from {{ ref('int_structure__projects') }}
),

-- one row per project that needs an older, incompatible version than another project does
final as (
    select
        uses.project_id,
        count(distinct uses.package_name) as packages,
        list(
            struct_pack(
                package := uses.package_name,
                version := uses.version,
                newest_here := uses.newest_version,
                project := newest.project_path
            )
            order by uses.package_name, uses.version
        ) as drifting,
    from {{ ref('int_dependencies__drift') }} as uses
    inner join projects as newest on newest.project_id = uses.newest_project_id
    where
        uses.is_incompatible
        and uses.is_installed
        and uses.is_direct
        and not uses.is_dev
        and uses.newest_project_id <> uses.project_id
    group by uses.project_id
)

select * from final
