with as_of_day as (
    select * from {{ ref('as_of_day') }}
),

repositories as (
    select * from {{ ref('git_repositories') }}
),

worktrees as (
    select * from {{ ref('stg_git__worktrees') }}
),

final as (
    select
        {{ hash_id(['repositories.project_id', 'worktrees.worktree_path']) }} as session_id,
        repositories.project_id,
        repositories.project_path,
        worktrees.worktree_path as workspace_path,
        regexp_replace(worktrees.head_ref, '^refs/heads/', '') as branch,
        worktrees.head_commit,
        worktrees.is_main,
        worktrees.is_locked,
        worktrees.actor_name as agent_name,
        worktrees.actor_email as agent_email,
        worktrees.acted_at as last_activity_at,
        worktrees.action as last_action,
        case
            -- Clocks may differ by a day; a later time is wrong, and shows no activity.
            when
                coalesce(worktrees.acted_at > worktrees.landed_at + interval 1 day, true)
                then 'unknown'
            when
                {{ age_days(believed('worktrees.acted_at', 'worktrees.landed_at')) }}
                < {{ var('session_active_days') }}
                then 'active'
            else 'idle'
        end as status,
        worktrees.run_id as source_run_id,
    from worktrees
    inner join repositories
        on repositories.project_path = worktrees.repository_path
        and repositories.source_run_id = worktrees.run_id
    cross join as_of_day
)

select * from final
