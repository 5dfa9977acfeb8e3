with recursive folder_rules as (
    select scope, '/' || pattern || '/' as part
    from {{ ref('dependency_files') }}
    where part = 'directory'
),

-- what belongs to its project: somebody else's code, tests and what programs wrote say nothing of it
files as (
    select
        *,
        {{ last_part('directory_path') }} || '/' || name as folder_and_name,
        '/' || lower(file_path) as place,
    from {{ ref('int_files__current') }}
    where sha256 is not null and not is_symlink and file_kind not in ('vendored', 'test', 'generated')
),

entries as (
    select sha256, format, pointer from {{ ref('int_dependencies__entries') }}
    where scope = 'include'
),

-- a manifest by its name, then those that it includes; `union` keeps each once, so that a loop ends
reached as (
    select files.path, files.directory_path, files.project_id, files.sha256, formats.format, formats.scope
    from files
    inner join {{ ref('int_dependencies__name_formats') }} as formats using (name, folder_and_name)

    union

    select files.path, files.directory_path, files.project_id, files.sha256, 'requirements', reached.scope
    from reached
    inner join entries using (sha256, format)
    inner join files
        on files.project_id = reached.project_id
        and files.path = {{ resolve_path('reached.directory_path', 'entries.pointer') }}
),

-- of several ways to a file, the one that needs it most
most_needed as (
    select
        path,
        min_by(format, (list_position(['runtime', 'build', 'dev'], coalesce(scope, 'runtime')), format)) as format,
        min_by(scope, (list_position(['runtime', 'build', 'dev'], coalesce(scope, 'runtime')), format)) as scope,
    from reached
    group by path
),

placed as (
    select
        files.*,
        most_needed.format,
        most_needed.scope,
        (
            select max(folder_rules.scope) from folder_rules
            where contains(files.place, folder_rules.part)
        ) as folder_scope,
    from most_needed
    inner join files using (path)
),

copies as (
    select distinct places.path as directory_path
    from {{ ref('int_mirrors__places') }} as places
    inner join {{ ref('int_mirrors__mirrors') }} as mirrors on mirrors.mirror_path = places.above_path
),

checkouts as (
    select path, is_linked, is_submodule
    from {{ ref('int_mirrors__work_trees') }}
    where is_linked or is_submodule
),

-- a manifest that speaks for its project, read or not
final as (
    select
        placed.path,
        placed.directory_path,
        placed.project_id,
        placed.project_path,
        placed.file_path as manifest_path,
        placed.format,
        placed.sha256,
        coalesce(placed.folder_scope, placed.scope) as scope,
        -- Two checkouts of one project, or a copy of it, are still one that needs something.
        copies.directory_path is not null or coalesce(checkouts.is_linked, false) as is_copy,
        coalesce(checkouts.is_submodule, false) as is_submodule,
    from placed
    left join copies using (directory_path)
    left join checkouts on checkouts.path = placed.project_path
    where placed.folder_scope is distinct from 'none'
)

select * from final
