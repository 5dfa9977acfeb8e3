with states as (
    select * from {{ ref('stg_crawl__repositories') }}
),

-- one row per repository: its latest landed state; if it is gone, the one before that
latest as (
    select
        path,
        max_by(states, run_seq) filter (where state <> 'gone') as state_row,
        max_by(state, run_seq) = 'gone' as is_gone,
        min(landed_at) filter (where state <> 'gone') as first_seen,
    from states
    group by path
),

final as (
    select
        latest.path,
        latest.state_row.vcs as vcs,
        latest.state_row.kind as kind,
        latest.state_row.state as state,
        latest.state_row.reason as reason,
        latest.state_row.head_ref as head_ref,
        latest.state_row.head_commit as head_commit,
        latest.state_row.default_branch as default_branch,
        latest.state_row.remote_url as remote_url,
        latest.state_row.last_commit_at as last_commit_at,
        coalesce(latest.state_row.has_history, false) as has_history,
        coalesce(latest.state_row.has_tracked_files, false) as has_tracked_files,
        latest.state_row.worktree_pointers as worktree_pointers,
        latest.state_row.is_sparse as is_sparse,
        latest.state_row.run_id as run_id,
        latest.is_gone,
        latest.first_seen,
    from latest
    where latest.state_row is not null
)

select * from final
