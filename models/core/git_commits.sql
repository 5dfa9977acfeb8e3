with commits as (
    select * from {{ ref('commits') }}
),

changes as (
    select * from {{ ref('int_git__changes') }}
),

final as (
    select
        commits.project_id,
        commits.project_path,
        commits.commit_sha,
        changes.parent_number,
        changes.file_path,
        changes.change_type,
        changes.old_path,
        changes.similarity,
        changes.mode_before,
        changes.mode_after,
        changes.blob_before,
        changes.blob_after,
        changes.lines_added,
        changes.lines_removed,
        commits.author_name,
        commits.author_email,
        commits.committed_at,
        commits.subject,
        commits.parent_count,
        commits.is_reachable,
        commits.chain_place,
        commits.source_run_id,
    from changes
    inner join commits on commits.commit_sha = changes.commit_sha
)

select * from final
