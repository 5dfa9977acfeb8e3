{{ config(materialized='ephemeral') }}
{% set least = threshold('LARGE_FILE_TRACKED', 'min_bytes') %}
with contents as (
    select path, blob_id, text_blob_id from {{ ref('int_files__states') }}
    where state = 'present' and size_bytes >= {{ least }}
),

-- one row per project that tracks large files: how many, and the largest
final as (
    select
        files.project_id,
        count(*) as large_files,
        {{ sum_to_bigint('files.size_bytes') }} as large_bytes,
        list(
            struct_pack(path := files.file_path, size_bytes := files.size_bytes)
            order by files.size_bytes desc, files.file_path
        )[1:20] as largest,
    from {{ ref('int_files__current') }} as files
    inner join contents using (path)
    -- Git has exactly this content. It has a pointer to a file in Git LFS, and another content of
    -- one that changed since.
    inner join {{ ref('int_structure__tracked_files') }} as tracked
        on tracked.path = files.path
        and tracked.object_id in (contents.blob_id, contents.text_blob_id)
    where not files.is_symlink and files.size_bytes >= {{ least }}
    group by files.project_id
)

select * from final
