with recursive directory_states as (
    select * from {{ ref('int_structure__directory_states') }}
    where state <> 'gone'
),

repositories as (
    select * from {{ ref('int_structure__repositories') }}
    where not is_gone
),

manifest_directories as (
    select path from {{ ref('int_structure__manifests') }}
    where is_there
),

marked as (
    select
        directory_states.*,
        repositories.path is not null as is_repository,
        manifest_directories.path is not null as has_manifest,
    from directory_states
    left join repositories using (path)
    left join manifest_directories using (path)
),

-- each directory after the one that holds it, taking over what it does not say anew
inherited as (
    select
        marked.path,
        case when marked.is_repository then marked.path end as repository_path,
        case when marked.has_manifest and not marked.is_repository then marked.path end as manifest_path,
        case when marked.state = 'unreadable' then marked.run_seq end as unreadable_since_seq,
    from marked
    left join marked as above on above.path = marked.parent_path
    where above.path is null

    union all

    select
        marked.path,
        case when marked.is_repository then marked.path else inherited.repository_path end,
        case
            when inherited.repository_path is not null or inherited.manifest_path is not null
                then inherited.manifest_path
            when marked.has_manifest and not marked.is_repository then marked.path
        end,
        coalesce(
            inherited.unreadable_since_seq, case when marked.state = 'unreadable' then marked.run_seq end
        ),
    from inherited
    inner join marked on marked.parent_path = inherited.path
),

final as (
    select
        directory_states.*,
        inherited.unreadable_since_seq,
        coalesce(inherited.repository_path, inherited.manifest_path, directory_states.root_path) as project_path,
        case
            when inherited.repository_path is not null then 'repository'
            when inherited.manifest_path is not null then 'manifest'
            else 'loose_files'
        end as project_kind,
    from directory_states
    inner join inherited using (path)
)

select * from final
