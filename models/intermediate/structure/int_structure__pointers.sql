-- Projects that something points at and that no crawl has met: submodules that are not checked out,
-- linked worktrees outside of what is crawled, paths in a catalogue that lie elsewhere.
with repositories as (
    select * from {{ ref('int_structure__repositories') }}
),

directories as (
    select * from {{ ref('int_structure__directories') }}
),

unreadable_directories as (
    select path from directories
    where state = 'unreadable'
),

roots as (
    select * from {{ ref('int_structure__roots') }}
),

-- what the files of a repository name as its work trees, whatever they hold
worktree_pointers as (
    select
        unnest(worktree_pointers) as path,
        path as pointed_from,
    from repositories
    where not is_gone
),

pointers as (
    select
        path,
        repository_path as pointed_from,
        'submodule' as pointer_kind,
    from {{ ref('int_structure__tracked_files') }}
    where is_submodule

    union all

    select
        path,
        pointed_from,
        'worktree' as pointer_kind,
    from worktree_pointers
    where {{ is_absolute_path('path') }}
),

-- a pointer whose target is there, or nobody can know; what a complete look did not find is gone
open_pointers as (
    select
        pointers.path,
        min(pointers.pointed_from) as pointed_from,
        min(pointers.pointer_kind) as pointer_kind,
        min(roots.root_path) as root_path,
    from pointers
    left join repositories on repositories.path = pointers.path and not repositories.is_gone
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
),

from_repositories as (
    select
        open_pointers.* replace (
            coalesce(open_pointers.root_path, open_pointers.path) as root_path
        ),
        'repository' as kind,
        sources.first_seen,
        sources.run_id,
        source_roots.last_crawled_at as seen_at,
    from open_pointers
    inner join repositories as sources on sources.path = open_pointers.pointed_from
    inner join directories as source_directories
        on source_directories.path = open_pointers.pointed_from
    inner join roots as source_roots on source_roots.root_path = source_directories.root_path
),

final as (
    select * from from_repositories

    union all by name

    select
        path,
        catalog_path as pointed_from,
        case when look_state = 'there' then 'catalogue_present' else 'catalogue' end as pointer_kind,
        root_path,
        kind,
        first_seen,
        run_id,
        landed_at as seen_at,
    from {{ ref('int_structure__catalogued_elsewhere') }}
    where not is_gone and path not in (select path from from_repositories)
)

select * from final
