with projects as (
    select * from {{ ref('int_structure__projects') }}
    where has_history and not is_gone
),

as_of as (
    select * from {{ ref('as_of') }}
),

commits as (
    select * from {{ ref('stg_crawl__commits') }}
),

-- one row per project whose history was read: what happened in the 90 days before as_of
final as (
    select
        projects.project_id,
        count(commits.commit_sha) as commits_90d,
        count(distinct commits.author_hash) as contributors_90d,
    from projects
    cross join as_of
    left join commits
        on commits.repository_path = projects.project_path
        and commits.run_id = projects.repository_run_id
        and commits.committed_at > as_of.as_of - interval 90 days
        and commits.committed_at <= as_of.as_of
    group by projects.project_id
)

select * from final
