with commits as (
    select * from {{ ref('commits') }}
    where is_in_default
),

projects as (
    select * from {{ ref('projects') }}
    where not is_gone
),

-- one row per set of projects that have the same commits in common: there are few, however many commits there are
holders as (
    select
        project_ids,
        count(*) as commit_count,
        count(*) filter (where is_root) as root_count,
    from (
        select
            list(commits.project_id order by commits.project_id) as project_ids,
            bool_or(commits.parent_count = 0) as is_root,
        from commits
        inner join projects on projects.project_id = commits.project_id
        group by commits.commit_sha
    )
    group by project_ids
),

one_of as (
    select
        holders.*,
        unnest(project_ids) as project_id,
    from holders
),

totals as (
    select
        project_id,
        sum(commit_count) as commit_count,
    from one_of
    group by project_id
),

shared as (
    select
        one_of.project_id as project_a_id,
        other.project_id as project_b_id,
        sum(one_of.commit_count) as shared_commits,
        sum(one_of.root_count) as shared_roots,
    from one_of
    inner join one_of as other
        on other.project_ids = one_of.project_ids and other.project_id > one_of.project_id
    group by one_of.project_id, other.project_id
),

final as (
    select
        shared.project_a_id,
        project_a.project_path as project_a_path,
        shared.project_b_id,
        project_b.project_path as project_b_path,
        cast(shared.shared_commits as bigint) as shared_commits,
        cast(totals_a.commit_count - shared.shared_commits as bigint) as commits_only_a,
        cast(totals_b.commit_count - shared.shared_commits as bigint) as commits_only_b,
        shared.shared_roots > 0 as has_same_root,
        project_a.head_commit = project_b.head_commit as has_same_head,
        case
            when commits_only_a = 0 and commits_only_b = 0 then 'same'
            when commits_only_b = 0 then 'a_ahead'
            when commits_only_a = 0 then 'b_ahead'
            else 'diverged'
        end as relation,
        greatest(project_a.source_run_id, project_b.source_run_id) as source_run_id,
    from shared
    inner join totals as totals_a on totals_a.project_id = shared.project_a_id
    inner join totals as totals_b on totals_b.project_id = shared.project_b_id
    inner join projects as project_a on project_a.project_id = shared.project_a_id
    inner join projects as project_b on project_b.project_id = shared.project_b_id
)

select * from final
