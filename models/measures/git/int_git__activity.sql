with projects as (
    select * from {{ ref('int_structure__projects') }}
    where has_history and not is_gone
),

as_of_day as (
    select * from {{ ref('as_of_day') }}
),

with_whole_history as (
    select project_id from {{ ref('git_repositories') }}
    where commit_count is not null
),

-- a commit of the default branch; if no history was landed, one that the crawl saw at HEAD
commits as (
    select
        project_id,
        commit_sha,
        committed_at,
        case when not is_bot then lower(person_email) end as author,
    from {{ ref('commits') }}
    where is_in_default

    union all

    select
        projects.project_id,
        crawled.commit_sha,
        crawled.committed_at,
        crawled.author_hash,
    from {{ ref('stg_crawl__commits') }} as crawled
    inner join projects
        on projects.project_path = crawled.repository_path
        and projects.repository_run_id = crawled.run_id
    anti join with_whole_history on with_whole_history.project_id = projects.project_id
),

dated as (
    select
        commits.*,
        {{ is_within_days('commits.committed_at', health_weight('activity_days')) }} as is_recent,
    from commits
    cross join as_of_day
    -- A commit from the future shows that a clock was wrong, not that someone works.
    where {{ age_days('commits.committed_at') }} >= 0
),

-- one row per project whose history was read: the activity up to the day of as_of
final as (
    select
        projects.project_id,
        cast({{ health_weight('activity_days') }} as integer) as activity_days,
        count(dated.commit_sha) filter (where dated.is_recent) as commits_90d,
        count(distinct dated.author) filter (where dated.is_recent) as contributors_90d,
        max(dated.committed_at) as last_active_at,
    from projects
    left join dated on dated.project_id = projects.project_id
    group by projects.project_id
)

select * from final
