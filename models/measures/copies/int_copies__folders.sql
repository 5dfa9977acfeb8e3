{{ config(materialized='ephemeral') }}
with projects as (
    select * from {{ ref('int_structure__projects') }}
    where not is_gone and not is_pointer and not coalesce(is_bare, false) and kind <> 'loose_files'
),

work_trees as (
    select * from {{ ref('int_mirrors__work_trees') }}
),

-- One row per folder that may be a copy: a project, or a folder that mirrors another.
final as (
    select
        projects.project_path as folder_path,
        projects.project_id,
        projects.project_path,
        true as is_project,
        projects.vcs = 'git' as is_repository,
        projects.head_commit,
        coalesce(work_trees.repository_path, projects.project_path) as repository_path,
    from projects
    left join work_trees on work_trees.path = projects.project_path
    where not coalesce(work_trees.is_linked or work_trees.is_submodule, false)

    union all

    select
        mirrors.mirror_path as folder_path,
        projects.project_id,
        mirrors.project_path,
        false as is_project,
        false as is_repository,
        null as head_commit,
        mirrors.project_path as repository_path,
    from {{ ref('int_mirrors__mirrors') }} as mirrors
    inner join {{ ref('int_structure__projects') }} as projects using (project_path)
    where mirrors.mirror_path <> mirrors.project_path
)

select * from final
