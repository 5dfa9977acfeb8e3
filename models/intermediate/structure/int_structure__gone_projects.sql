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

final as (
    select * from crawled

    union all

    select path, kind, root_path
    from {{ ref('int_structure__catalogued_elsewhere') }}
    where is_gone and path not in (select path from crawled)
)

select * from final
