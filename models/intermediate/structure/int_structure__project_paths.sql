with directories as (
    select * from {{ ref('int_structure__directories') }}
),

files as (
    select * from {{ ref('int_files__states') }}
    where state in ('present', 'unreadable')
),

pointers as (
    select * from {{ ref('int_structure__pointers') }}
),

gone_projects as (
    select * from {{ ref('int_structure__gone_projects') }}
),

crawled as (
    select
        project_path as path,
        project_kind as kind,
        min(root_path) as root_path,
        min(unreadable_since_seq) filter (where path = project_path) as unreadable_since_seq,
    from directories
    group by project_path, project_kind
),

loose_files as (
    select distinct directories.project_path as path
    from files
    inner join directories on directories.path = files.directory_path
    where directories.project_kind = 'loose_files'
),

-- A root that is itself a project is not a second one for the files that do not belong to it.
present as (
    select *
    from crawled
    where
        kind <> 'loose_files'
        or (
            path in (select path from loose_files)
            and path not in (select path from crawled where kind <> 'loose_files')
        )
),

-- One row per path of a project: on disk, gone, or known from a pointer only. A directory that is
-- gone, or can no longer be entered, was last read before that run.
final as (
    select
        path,
        kind,
        root_path,
        unreadable_since_seq,
        false as is_gone,
        false as is_pointer,
    from present

    union all

    select
        path,
        kind,
        root_path,
        gone_since_seq as unreadable_since_seq,
        true as is_gone,
        false as is_pointer,
    from gone_projects
    where path not in (select path from pointers) and path not in (select path from present)

    union all

    -- A pointer to a work tree may name a crawled root that is not one.
    select
        path,
        kind,
        root_path,
        null as unreadable_since_seq,
        false as is_gone,
        true as is_pointer,
    from pointers
    where path not in (select path from present)
)

select * from final
