with recursive current_files as (
    select * from {{ ref('int_files__current') }}
),

formats as (
    select * from {{ ref('int_dependencies__name_formats') }}
),

entries as (
    select sha256, format, pointer, group_name from {{ ref('int_dependencies__entries') }}
    where scope = 'include'
),

-- the project's own files, less its tests
files as (
    select
        path,
        directory_path,
        project_id,
        sha256,
        name,
        {{ last_part('directory_path') }} || '/' || name as folder_and_name,
    from current_files
    where
        sha256 is not null
        and not is_symlink
        and is_own
        and file_kind <> 'test'
),

-- a manifest by its name, then those that it includes; `union` keeps each once, so that a loop ends
reached as (
    select
        files.path,
        files.directory_path,
        files.project_id,
        files.sha256,
        formats.format,
        formats.scope,
    from files
    inner join formats using (name, folder_and_name)

    union

    select
        files.path,
        files.directory_path,
        files.project_id,
        files.sha256,
        'requirements' as format,
        -- The group of an included file is the extra whose requirements it has.
        case when entries.group_name is null then reached.scope else 'optional' end as scope,
    from reached
    inner join entries using (sha256, format)
    inner join files
        on files.project_id = reached.project_id
        and files.path = {{ resolve_path('reached.directory_path', 'entries.pointer') }}
),

ranked as (
    select
        *,
        list_position(['runtime', 'build', 'optional', 'dev'], coalesce(scope, 'runtime'))
            as scope_rank,
    from reached
),

-- one row per manifest: of several ways to it, the one that needs it most
final as (
    select
        path,
        min_by(format, (scope_rank, format)) as format,
        min_by(scope, (scope_rank, format)) as scope,
    from ranked
    group by path
)

select * from final
