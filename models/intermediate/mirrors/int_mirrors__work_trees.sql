-- Projects with equal content on purpose: linked work trees of one repository, and checkouts of a
-- submodule.
with repositories as (
    select * from {{ ref('int_structure__repositories') }}
    where not is_gone
),

submodules as (
    select distinct path from {{ ref('int_structure__tracked_files') }}
    where is_submodule
),

worktrees as (
    select
        unnest(worktree_pointers) as path,
        path as repository_path,
    from repositories
),

-- one row per repository: the one that it is a work tree of, and the kind of checkout
final as (
    select
        repositories.path,
        coalesce(worktrees.repository_path, repositories.path) as repository_path,
        worktrees.path is not null as is_linked,
        submodules.path is not null as is_submodule,
    from repositories
    left join worktrees using (path)
    left join submodules using (path)
)

select * from final
