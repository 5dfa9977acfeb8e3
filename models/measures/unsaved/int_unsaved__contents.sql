{{ config(materialized='ephemeral') }}
with readings as (
    select * from {{ ref('int_unsaved__readings') }}
    where not is_bare and state = 'read'
),

tracked as (
    select tracked_files.*
    from {{ ref('int_structure__tracked_files') }} as tracked_files
    inner join readings on readings.project_path = tracked_files.repository_path
),

on_disk as (
    select
        files.path,
        files.directory_path,
        files.is_ignored,
        files.file_kind,
        states.state,
        states.kind,
        states.size_bytes,
        states.mtime,
        states.blob_id,
        states.text_blob_id,
        directories.work_tree_path as repository_path,
    from {{ ref('int_files__current') }} as files
    inner join {{ ref('int_files__states') }} as states using (path)
    inner join {{ ref('int_structure__directories') }} as directories
        on directories.path = files.directory_path
    inner join readings on readings.project_path = directories.work_tree_path
),

entries as (
    select
        entries.path,
        entries.worktree_path as repository_path,
        entries.change,
        entries.blob_id as staged_blob_id,
        entries.is_assumed or entries.is_skipped as is_hidden,
        entries.is_intended,
        entries.size_bytes as entry_size_bytes,
        entries.mtime_ns as entry_mtime_ns,
    from {{ ref('stg_git__index_entries') }} as entries
    inner join readings
        on readings.project_path = entries.worktree_path and readings.run_id = entries.run_id
),

-- one row per path of a work tree that is in HEAD, in the index or on disk, and not as in HEAD
final as (
    select
        coalesce(tracked.repository_path, on_disk.repository_path, entries.repository_path)
            as repository_path,
        coalesce(tracked.path, on_disk.path, entries.path) as path,
        on_disk.* exclude (path, repository_path),
        tracked.object_id as head_object_id,
        tracked.is_submodule,
        entries.* exclude (path, repository_path),
        coalesce(on_disk.blob_id = tracked.object_id or on_disk.text_blob_id = tracked.object_id)
            as is_same,
    from tracked
    full join on_disk using (repository_path, path)
    full join entries
        on entries.path = coalesce(tracked.path, on_disk.path)
        and entries.repository_path = coalesce(tracked.repository_path, on_disk.repository_path)
    where
        entries.path is not null
        or tracked.path is null
        or not coalesce(on_disk.blob_id = tracked.object_id, false)
)

select * from final
