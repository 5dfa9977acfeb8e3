with changes as (
    select * from {{ ref('git_commits') }}
),

final as (
    select
        project_id,
        project_path,
        file_path,
        commit_sha,
        parent_number,
        committed_at,
        change_type,
        old_path,
        blob_after as blob_id,
        lines_added,
        lines_removed,
        author_name,
        author_email,
        subject,
        is_reachable,
        chain_place is not null as is_on_default_branch,
        source_run_id,
    from changes
)

select * from final
