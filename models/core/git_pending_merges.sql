with as_of_day as (
    select * from {{ ref('as_of_day') }}
),

refs as (
    select * from {{ ref('git_refs') }}
    where ref_kind in ('branch', 'remote') and symbolic_target is null
),

commits as (
    select * from {{ ref('commits') }}
),

sessions as (
    select distinct
        project_id,
        'refs/heads/' || branch as ref_name,
    from {{ ref('git_agent_sessions') }}
),

-- If a branch has copies on remotes, the local branch counts.
branches as (
    select *
    from refs
    where ahead_count > 0 and not is_default
    qualify row_number() over (partition by project_id, commit_sha order by is_remote, ref_name) = 1
),

projects as (
    select * from {{ ref('int_structure__projects') }}
),

repositories as (
    select
        projects.project_id,
        projects.remote_url,
        repositories.kind in ('bare', 'worktree') as is_secondary,
        coalesce(projects.remote_url in (select project_path from projects), false) as is_clone,
    from projects
    inner join {{ ref('int_structure__repositories') }} as repositories
        on repositories.path = projects.project_path
),

-- A stale clone has branches that a newer clone of the same remote has merged.
merged_elsewhere as (
    select distinct
        branches.project_id,
        branches.commit_sha,
    from branches
    inner join commits
        on commits.commit_sha = branches.commit_sha
        and commits.project_id <> branches.project_id
        and commits.is_in_default
    inner join repositories as mine on mine.project_id = branches.project_id
    inner join repositories as other
        on other.project_id = commits.project_id and other.remote_url = mine.remote_url
),

final as (
    select
        branches.project_id,
        branches.project_path,
        branches.ref_name,
        regexp_replace(branches.ref_name, '^refs/(heads|remotes)/', '') as branch,
        branches.commit_sha,
        branches.ahead_count,
        branches.behind_count,
        commits.committed_at as last_commit_at,
        greatest(0, {{ age_days('commits.committed_at') }}) as age_days,
        commits.person_name as agent_name,
        commits.person_email as agent_email,
        sessions.ref_name is not null as is_checked_out,
        branches.source_run_id,
        merged_elsewhere.project_id is not null
        or row_number() over (
            partition by branches.commit_sha
            order by repositories.is_secondary, repositories.is_clone, branches.project_path
        ) > 1 as is_repeat,
    from branches
    inner join repositories on repositories.project_id = branches.project_id
    inner join commits
        on commits.project_id = branches.project_id and commits.commit_sha = branches.commit_sha
    left join merged_elsewhere
        on merged_elsewhere.project_id = branches.project_id
        and merged_elsewhere.commit_sha = branches.commit_sha
    left join sessions
        on sessions.project_id = branches.project_id and sessions.ref_name = branches.ref_name
    cross join as_of_day
)

select * from final
