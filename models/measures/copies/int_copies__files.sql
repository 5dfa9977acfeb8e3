with folders as (
    select * from {{ ref('int_copies__folders') }}
),

-- the ids that git gives to the content of a file, with and without the line ends of Windows
contents as (
    select path, blob_id, text_blob_id
    from {{ ref('int_files__states') }}
    where state = 'present' and blob_id is not null
),

-- Files that a repository would not track are not a reason to keep it.
final as (
    select
        folders.folder_path,
        files.path,
        substr(files.path, length(folders.folder_path) + 2) as place,
        files.weight,
        contents.blob_id,
        contents.text_blob_id,
    from folders
    inner join {{ ref('int_mirrors__places') }} as places
        on places.above_path = folders.folder_path
    inner join {{ ref('int_mirrors__files') }} as files on files.directory_path = places.path
    left join contents on contents.path = files.path
    where
        not folders.is_repository
        or files.is_tracked
        or files.file_kind not in ('build', 'generated', 'vendored')
)

select * from final
