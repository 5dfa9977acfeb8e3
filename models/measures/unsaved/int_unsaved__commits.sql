{{ config(materialized='ephemeral') }}
with readings as (
    select * from {{ ref('int_unsaved__readings') }}
),

refs as (
    select git_refs.*, readings.remote_kind,
    from {{ ref('git_refs') }} as git_refs
    inner join readings on readings.project_id = git_refs.project_id and readings.is_first
    where git_refs.ref_kind = 'branch'
),

commits as (
    select distinct project_id, commit_sha, committed_at from {{ ref('git_commits') }}
),

-- one row per branch, repository, stash and detached HEAD with commits that may be only here
final as (
    select
        project_path,
        case when unpushed_count is null then 'unknown' else 'branch' end as kind,
        regexp_replace(ref_name, '^refs/heads/', '') as name,
        coalesce(unpushed_count, 1) as thing_count,
        null as size_bytes,
        committed_at as changed_at,
        case when unpushed_count is null then 'the end of a shallow history' end as note,
    from refs
    left join commits using (project_id, commit_sha)
    where
        remote_kind = 'tracked'
        and (unpushed_count is null or unpushed_count > 0)
        and not coalesce(has_content_on_remote, false)

    union all

    select
        readings.project_path,
        'no_remote' as kind,
        '' as name,
        repositories.commit_count as thing_count,
        null as size_bytes,
        readings.last_commit_at as changed_at,
        null as note,
    from readings
    inner join {{ ref('git_repositories') }} as repositories using (project_id)
    where readings.is_first and readings.remote_kind = 'none' and repositories.commit_count > 0

    union all

    select
        readings.project_path,
        'stash' as kind,
        stashes.message as name,
        1 as thing_count,
        null as size_bytes,
        stashes.stashed_at as changed_at,
        null as note,
    from {{ ref('stg_git__stashes') }} as stashes
    inner join readings
        on readings.project_path = stashes.repository_path
        and readings.run_id = stashes.run_id
        and readings.is_first

    union all

    select
        coalesce(own.project_path, readings.project_path) as project_path,
        'detached' as kind,
        worktrees.head_commit as name,
        worktrees.unpushed_count as thing_count,
        null as size_bytes,
        worktrees.acted_at as changed_at,
        null as note,
    from {{ ref('stg_git__worktrees') }} as worktrees
    inner join {{ ref('git_repositories') }} as repositories
        on repositories.project_path = worktrees.repository_path
        and repositories.source_run_id = worktrees.run_id
    inner join readings on readings.project_path = worktrees.repository_path
    left join readings as own on own.project_path = worktrees.worktree_path
    where worktrees.unpushed_count > 0
)

select * from final
