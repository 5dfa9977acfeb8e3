{{ config(materialized='ephemeral') }}
with commits as (
    select * from {{ ref('commits') }}
),

projects as (
    select * from {{ ref('int_structure__projects') }}
    where not is_gone
),

as_of_day as (
    select * from {{ ref('as_of_day') }}
),

-- one row per project and author of commits of its default branch, bots left out
final as (
    select
        projects.project_id,
        projects.remote_url is null as is_only_here,
        lower(commits.author_email) as author_email,
        lower(max(commits.author_name)) as author_name,
        count(*) as commit_count,
        count(*) >= {{ weight('mine_main_author_share') }}
        * sum(count(*)) over (partition by projects.project_id) as is_main_author,
        {{ age_days('max(commits.authored_at)', 'max(as_of_day.as_of_day)') }}
        < {{ weight('mine_recent_days') }} as is_recent,
    from commits
    inner join projects using (project_id)
    cross join as_of_day
    where
        {{ is_own_work('commits') }}
        and not contains(lower(commits.author_name || commits.author_email), '[bot]')
    group by projects.project_id, projects.remote_url, lower(commits.author_email)
)

select * from final
