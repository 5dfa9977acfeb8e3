with shared_history as (
    select * from {{ ref('int_git__shared_history') }}
),

projects as (
    select * from {{ ref('int_structure__projects') }}
),

repositories as (
    select * from {{ ref('int_structure__repositories') }}
),

sides as (
    select
        project_a_id as project_id,
        project_b_id as other_id,
        shared_commits,
        shared_commits + commits_only_a as commit_count,
        shared_commits + commits_only_b as other_count,
    from shared_history

    union all

    select
        project_b_id as project_id,
        project_a_id as other_id,
        shared_commits,
        shared_commits + commits_only_b as commit_count,
        shared_commits + commits_only_a as other_count,
    from shared_history
),

-- how well a project represents its line of history: the smaller, the better
described as (
    select
        projects.project_id,
        projects.project_path,
        cast(repositories.kind = 'bare' as integer) as is_bare,
        cast(repositories.kind = 'worktree' as integer) as is_linked,
        cast(projects.head_branch is distinct from projects.default_branch as integer)
            as is_elsewhere,
        cast(projects.remote_url in (select project_path from projects) as integer) as is_clone,
    from projects
    inner join repositories on repositories.path = projects.project_path
),

-- one row per project with a line of history that a better one has for the most part
final as (
    select distinct sides.project_id
    from sides
    inner join described as one on one.project_id = sides.project_id
    inner join described as other on other.project_id = sides.other_id
    where
        sides.shared_commits * 2 > sides.commit_count
        and (
            other.is_bare, other.is_linked, -sides.other_count, other.is_elsewhere,
            coalesce(other.is_clone, 0), other.project_path
        ) < (
            one.is_bare, one.is_linked, -sides.commit_count, one.is_elsewhere,
            coalesce(one.is_clone, 0), one.project_path
        )
)

select * from final
