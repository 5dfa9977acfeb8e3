with current_files as (
    select * from {{ ref('int_files__current') }}
),

crawls as (
    select * from {{ ref('int_structure__project_crawls') }}
),

final as (
    select
        current_files.file_id,
        current_files.project_id,
        current_files.project_path,
        current_files.file_path,
        current_files.ext,
        current_files.language,
        current_files.size_bytes,
        current_files.mtime,
        current_files.sha256,
        current_files.line_count,
        current_files.is_binary,
        current_files.is_symlink,
        current_files.is_tracked,
        current_files.file_kind,
        current_files.first_seen,
        coalesce(current_files.seen_until, crawls.last_crawled_at) as last_seen,
        current_files.run_id as source_run_id,
        current_files.path_bytes,
        current_files.source_line_count,
        current_files.is_ignored,
        current_files.is_own,
    from current_files
    left join crawls using (project_id)
)

select * from final
