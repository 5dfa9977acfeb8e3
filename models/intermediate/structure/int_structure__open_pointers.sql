with repositories as (
    select * from {{ ref('int_structure__repositories') }}
    where not is_gone
),

directories as (
    select * from {{ ref('int_structure__directories') }}
),

roots as (
    select * from {{ ref('int_structure__roots') }}
),

submodules as (
    select * from {{ ref('int_structure__tracked_files') }}
    where is_submodule
),

unreadable_directories as (
    select path from directories
    where state = 'unreadable'
),

-- the work trees that the files of a repository name, whatever their text
worktree_pointers as (
    select
        unnest(worktree_pointers) as path,
        path as pointed_from,
    from repositories
),

pointers as (
    select
        path,
        repository_path as pointed_from,
        'submodule' as pointer_kind,
    from submodules

    union all

    select
        path,
        pointed_from,
        'worktree' as pointer_kind,
    from worktree_pointers
    where {{ is_absolute_path('path') }}
),

-- One row per path that a repository points at and that is not crawled as a repository. A path that
-- a complete crawl did not find is gone, and not listed.
final as (
    select
        pointers.path,
        min(pointers.pointed_from) as pointed_from,
        min(pointers.pointer_kind) as pointer_kind,
        min(roots.root_path) as root_path,
    from pointers
    left join repositories on repositories.path = pointers.path
    left join directories on directories.path = pointers.path
    left join unreadable_directories
        on {{ is_beneath('pointers.path', 'unreadable_directories.path') }}
    left join roots on {{ is_beneath('pointers.path', 'roots.root_path') }}
    where
        repositories.path is null
        and (
            directories.path is not null
            or unreadable_directories.path is not null
            or roots.root_path is null
        )
    group by pointers.path
)

select * from final
