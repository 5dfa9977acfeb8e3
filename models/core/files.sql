with current_files as (
    select * from {{ ref('int_files__current') }}
),

final as (
    select
        file_id,
        project_id,
        project_path,
        file_path,
        ext,
        language,
        size_bytes,
        mtime,
        sha256,
        line_count,
        is_binary,
        is_symlink,
        is_tracked,
        file_kind,
        first_seen,
        last_seen,
        run_id as source_run_id,
        path_bytes,
        source_line_count,
        is_ignored,
        is_own,
    from current_files
)

select * from final
