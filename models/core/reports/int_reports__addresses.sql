with files as (
    select
        *,
        string_split(named_file_path, '/') as parts,
    from {{ ref('int_reports__files') }}
),

projects as (
    select project_id, project_name from {{ ref('int_structure__projects') }}
    where not is_gone and kind <> 'loose_files'
),

source_folders as (
    select * from {{ ref('source_folders') }}
),

manifest_folders as (
    select distinct directory_path
    from {{ ref('int_files__current') }}
    where name in (select file_name from {{ ref('manifest_files') }})
),

below as (
    select
        *,
        unnest(generate_series(1, len(parts) - 1)) as depth,
    from files
),

-- one row per file whose name a report has, and folder from which a tool may name it
final as (
    select
        project_id, path, file_id, file_path, is_former, 'project' as way, '' as root,
        null as folder, named_file_path as rest,
    from files

    union all

    select
        project_id, path, file_id, file_path, is_former, 'parent folder' as way, '' as root,
        null as folder, projects.project_name || '/' || named_file_path as rest,
    from files
    inner join projects using (project_id)

    union all

    select
        below.project_id,
        below.path,
        below.file_id,
        below.file_path,
        below.is_former,
        case
            when manifest_folders.directory_path is not null then 'package folder'
            when source_folders.folder is not null then 'source root'
            else 'package'
        end as way,
        below.parts[below.depth] as root,
        manifest_folders.directory_path as folder,
        array_to_string(below.parts[below.depth + 1:], '/') as rest,
    from below
    left join source_folders on source_folders.folder = lower(below.parts[below.depth])
    left join manifest_folders
        on manifest_folders.directory_path
        = below.project_path || '/' || array_to_string(below.parts[1:below.depth], '/')
)

select * from final
