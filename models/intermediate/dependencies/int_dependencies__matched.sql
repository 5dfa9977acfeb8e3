with declared as (
    select * from {{ ref('int_dependencies__declared') }}
),

packages as (
    select * from {{ ref('int_dependencies__packages') }}
),

projects as (
    select * from {{ ref('int_structure__projects') }}
    where not is_gone and kind <> 'loose_files'
),

directories as (
    select path, project_path from {{ ref('int_structure__directories') }}
),

packages_at as (
    select directory_path, min_by(canonical_name, (provider_rank, canonical_name)) as canonical_name
    from packages
    group by directory_path
),

own_packages as (
    select distinct project_id, ecosystem, canonical_name from packages
),

remotes as (
    select
        {{ remote_key('remote_url') }} as remote_key,
        min_by(project_id, (is_pointer, length(path_key), path_key)) as project_id,
    from projects
    where remote_url is not null
    group by remote_key
),

-- one row per declared dependency, with every project that may be meant
candidates as (
    select
        declared.*,
        coalesce(declared.canonical_name, packages_at.canonical_name, declared.pointer)
            as dependency_name,
        by_path.project_id as path_project_id,
        case when own_packages.project_id is not null then declared.project_id end
            as own_project_id,
        remotes.project_id as remote_project_id,
        by_name.project_id as name_project_id,
    from declared
    left join directories on directories.path = declared.pointed_path
    left join projects as by_path on by_path.project_path = directories.project_path
    left join packages_at on packages_at.directory_path = declared.pointed_path
    left join own_packages
        on own_packages.project_id = declared.project_id
        and own_packages.ecosystem = declared.ecosystem
        and own_packages.canonical_name = declared.canonical_name
    left join remotes
        on declared.pointer_kind in ('git', 'url')
        and remotes.remote_key = {{ remote_key('declared.pointer') }}
    left join packages as by_name
        on by_name.ecosystem = declared.ecosystem
        and by_name.canonical_name = declared.canonical_name
        and by_name.provider_rank = 1
),

-- The surest match wins: a place is more certain than a name.
final as (
    select
        * exclude (path_project_id, own_project_id, remote_project_id, name_project_id),
        coalesce(path_project_id, own_project_id, remote_project_id, name_project_id)
            as provider_project_id,
        case
            when path_project_id is not null then 'path'
            when own_project_id is not null then 'workspace'
            when remote_project_id is not null then 'remote'
            when name_project_id is not null then 'name'
        end as match_reason,
    from candidates
    -- `-e .` is the project itself.
    where canonical_name is not null or path_project_id is distinct from project_id
)

select * from final
