{{ config(materialized='ephemeral') }}
with commits as (
    select * from {{ ref('commits') }}
    where is_in_default
),

projects as (
    select * from {{ ref('int_structure__projects') }}
    where not is_gone
),

held as (
    select
        list(commits.project_id order by commits.project_id) as project_ids,
        bool_or(commits.parent_count = 0) as is_root,
    from commits
    inner join projects using (project_id)
    group by commits.commit_sha
),

-- one row per set of projects with common commits: the sets are few, however many the commits
holders as (
    select
        project_ids,
        count(*) as commit_count,
        count(*) filter (where is_root) as root_count,
    from held
    group by project_ids
),

one_of as (
    select
        *,
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

-- one row per pair of projects with common commits on their default branches
final as (
    select
        shared.project_a_id,
        shared.project_b_id,
        shared.shared_commits,
        totals_a.commit_count - shared.shared_commits as commits_only_a,
        totals_b.commit_count - shared.shared_commits as commits_only_b,
        shared.shared_roots > 0 as has_same_root,
        case
            when commits_only_a = 0 and commits_only_b = 0 then 'same'
            when commits_only_b = 0 then 'a_ahead'
            when commits_only_a = 0 then 'b_ahead'
            else 'diverged'
        end as relation,
    from shared
    inner join totals as totals_a on totals_a.project_id = shared.project_a_id
    inner join totals as totals_b on totals_b.project_id = shared.project_b_id
)

select * from final
