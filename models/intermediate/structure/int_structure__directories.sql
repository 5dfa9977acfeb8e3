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

catalogued as (
    select * from {{ ref('int_structure__catalogued') }}
),

-- A repository or a catalogued place begins a project anywhere, a manifest only outside of other
-- projects.
marked as (
    select
        directory_states.*,
        repositories.path is not null as is_repository,
        case when repositories.path is not null then 'repository' else catalogued.kind end
            as own_kind,
        manifest_directories.path is not null as has_manifest,
    from directory_states
    left join repositories using (path)
    left join manifest_directories using (path)
    -- Only the name of an excluded directory is known.
    left join catalogued
        on catalogued.path = directory_states.path and directory_states.state <> 'excluded'
),

-- each directory after its parent, inheriting whatever it does not set itself
inherited as (
    select
        marked.path,
        case when marked.own_kind is not null or marked.has_manifest then marked.path end
            as project_path,
        coalesce(marked.own_kind, case when marked.has_manifest then 'manifest' end)
            as project_kind,
        case when marked.is_repository then marked.path end as work_tree_path,
        case when marked.state = 'unreadable' then marked.run_seq end as unreadable_since_seq,
    from marked
    left join marked as above on above.path = marked.parent_path
    where above.path is null

    union all

    select
        marked.path,
        case
            when marked.own_kind is not null then marked.path
            when inherited.project_path is not null then inherited.project_path
            when marked.has_manifest then marked.path
        end as project_path,
        case
            when marked.own_kind is not null then marked.own_kind
            when inherited.project_path is not null then inherited.project_kind
            when marked.has_manifest then 'manifest'
        end as project_kind,
        case when marked.is_repository then marked.path else inherited.work_tree_path end
            as work_tree_path,
        coalesce(
            inherited.unreadable_since_seq,
            case when marked.state = 'unreadable' then marked.run_seq end
        ) as unreadable_since_seq,
    from inherited
    inner join marked on marked.parent_path = inherited.path
),

final as (
    select
        directory_states.*,
        inherited.unreadable_since_seq,
        inherited.work_tree_path,
        coalesce(inherited.project_path, directory_states.root_path) as project_path,
        coalesce(inherited.project_kind, 'loose_files') as project_kind,
    from directory_states
    inner join inherited using (path)
)

select * from final
