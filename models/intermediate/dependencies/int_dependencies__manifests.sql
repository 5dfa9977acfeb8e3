with manifests as (
    select * from {{ ref('int_dependencies__reached_manifests') }}
),

files as (
    select * from {{ ref('int_files__current') }}
),

folder_rules as (
    select scope, '/' || pattern || '/' as part from {{ ref('dependency_files') }}
    where part = 'directory'
),

mirror_places as (
    select * from {{ ref('int_mirrors__places') }}
),

mirrors as (
    select * from {{ ref('int_mirrors__mirrors') }}
),

checkouts as (
    select path, is_linked, is_submodule from {{ ref('int_mirrors__work_trees') }}
    where is_linked or is_submodule
),

copies as (
    select distinct mirror_places.path as directory_path
    from mirror_places
    inner join mirrors on mirrors.mirror_path = mirror_places.above_path
),

folder_scopes as (
    select
        manifests.path,
        max(folder_rules.scope) as folder_scope,
    from manifests
    inner join files using (path)
    inner join folder_rules on contains('/' || lower(files.file_path), folder_rules.part)
    group by manifests.path
),

-- one row per manifest that counts for its project, read or not
final as (
    select
        files.path,
        files.directory_path,
        files.project_id,
        files.project_path,
        files.file_path as manifest_path,
        manifests.format,
        files.sha256,
        coalesce(folder_scopes.folder_scope, manifests.scope) as scope,
        -- Two checkouts of one project, or a copy of it, still need a dependency once.
        copies.directory_path is not null or coalesce(checkouts.is_linked, false) as is_copy,
        coalesce(checkouts.is_submodule, false) as is_submodule,
    from manifests
    inner join files using (path)
    left join folder_scopes using (path)
    left join copies using (directory_path)
    left join checkouts on checkouts.path = files.project_path
    where folder_scopes.folder_scope is distinct from 'none'
)

select * from final
