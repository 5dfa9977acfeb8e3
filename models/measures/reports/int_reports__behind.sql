{{ config(materialized='ephemeral') }}
with listings as (
    select distinct sha256, run_index from {{ ref('stg_reports__components') }}
),

-- One row per project and tool that judges code. A list of components is as old as the last change
-- of what is needed, whatever else changes.
tools as (
    select
        runs.project_id,
        runs.tool,
        max(runs.reported_at) as reported_at,
        max(runs.source_run_id) as run_id,
    from {{ ref('quality_runs') }} as runs
    left join listings using (sha256, run_index)
    where runs.is_newest and runs.project_id is not null and listings.sha256 is null
    group by runs.project_id, runs.tool
),

commits as (
    select project_id, committed_at from {{ ref('commits') }}
    where is_in_default
),

-- one row per tool of a project with history: the commits that its newest results do not have
final as (
    select
        tools.project_id,
        tools.tool,
        tools.reported_at,
        tools.run_id,
        max(commits.committed_at) as last_commit_at,
        count(*) filter (where commits.committed_at > tools.reported_at) as commits_since,
        {{ age_days('tools.reported_at', 'max(commits.committed_at)') }} as days_behind,
    from tools
    inner join commits using (project_id)
    group by tools.project_id, tools.tool, tools.reported_at, tools.run_id
)

select * from final
