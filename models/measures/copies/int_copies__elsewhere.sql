{{ config(materialized='ephemeral') }}
with projects as (
    select * from {{ ref('int_structure__projects') }}
),

folder_rules as (
    select '/' || pattern || '/' as part from {{ ref('file_kind_rules') }}
    where file_kind = 'vendored' and part = 'directory'
),

-- one row per project that is a part, a copy or a checkout of another one, which answers for it
final as (
    select path as project_path from {{ ref('int_mirrors__work_trees') }}
    where is_linked or is_submodule

    union

    select mirror_path from {{ ref('int_mirrors__mirrors') }}
    where mirror_path = project_path

    union

    select folder_path from {{ ref('int_copies__states') }}
    where is_old_state

    union

    select projects.project_path
    from projects
    inner join folder_rules
        on contains(
            lower(substr(projects.project_path, length(projects.root_path) + 1)), folder_rules.part
        )
)

select * from final
