{{ config(materialized='ephemeral') }}
with files as (
    select
        path,
        directory_path,
    from {{ ref('int_files__states') }}
    where state in ('present', 'unreadable') and kind in ('file', 'symlink')
),

path_rules as (
    select * from {{ ref('int_files__path_rules') }}
),

-- one row per directory in a folder that a tool has written
written_directories as (
    select
        directories.path,
        max(folders.file_kind) as file_kind,
        bool_or(folders.is_doc_build) as is_doc_build,
    from {{ ref('int_structure__directories') }} as directories
    inner join {{ ref('int_files__built_folders') }} as folders
        on {{ is_beneath('directories.path', 'folders.path') }}
    where directories.state = 'listed'
    group by directories.path
),

-- one row per file: what rules for paths state, and its kind in a folder that a tool has written
final as (
    select
        files.path,
        coalesce(folders.is_ignored or stated.is_ignored, false) as is_named_ignored,
        stated.is_vendored,
        stated.is_generated,
        stated.is_documentation,
        written_directories.file_kind as written_kind,
        coalesce(written_directories.is_doc_build, false) as is_doc_build,
    from files
    left join path_rules as stated on stated.kind = 'file' and stated.path = files.path
    left join path_rules as folders
        on folders.kind = 'folder' and folders.path = files.directory_path
    left join written_directories on written_directories.path = files.directory_path
)

select * from final
