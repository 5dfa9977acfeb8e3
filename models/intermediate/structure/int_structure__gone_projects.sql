with directory_states as (
    select * from {{ ref('int_structure__directory_states') }}
),

directories as (
    select * from {{ ref('int_structure__directories') }}
),

repositories as (
    select * from {{ ref('int_structure__repositories') }}
),

manifests as (
    select * from {{ ref('int_structure__manifests') }}
),

-- a place that a project left by a move
vacated as (
    select path, empty_since_seq
    from {{ ref('int_structure__occupants') }}
    where empty_since_seq is not null
),

projects_there as (
    select distinct project_path as path
    from directories
    where project_kind <> 'loose_files'
),

-- a former project, or a directory that could have been one, that is gone
gone_directories as (
    select
        directory_states.path,
        case when repositories.path is null then 'manifest' else 'repository' end as kind,
        directory_states.root_path,
        directory_states.run_seq,
    from directory_states
    left join repositories using (path)
    left join manifests using (path)
    where
        directory_states.state = 'gone'
        and directory_states.reason is distinct from 'excluded'
        and (repositories.path is not null or manifests.path is not null)
),

-- Every repository counts; of directories with manifests, the topmost outside other projects.
crawled as (
    select distinct gone_directories.*
    from gone_directories
    left join gone_directories as above
        on above.path <> gone_directories.path
        and {{ is_beneath('gone_directories.path', 'above.path') }}
    left join projects_there on {{ is_beneath('gone_directories.path', 'projects_there.path') }}
    where
        gone_directories.kind = 'repository'
        or (above.path is null and projects_there.path is null)
),

-- A project that moved is not gone.
final as (
    select crawled.path, crawled.kind, crawled.root_path, crawled.run_seq as gone_since_seq
    from crawled
    left join vacated using (path)
    where crawled.run_seq > coalesce(vacated.empty_since_seq, 0)

    union all

    select path, kind, root_path, null as gone_since_seq
    from {{ ref('int_structure__catalogued_elsewhere') }}
    where
        is_gone
        and path not in (select path from crawled)
        and path not in (select path from vacated)
)

select * from final
