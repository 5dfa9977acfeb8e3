{{ config(materialized='ephemeral') }}
{% set rule = 'STALE_QUALITY_RUN' %}
with listings as (
    select distinct sha256, run_index from {{ ref('stg_reports__components') }}
),

-- One row per project and tool that judges code. A list of components is as old as the last change
-- of what is needed, whatever else changes.
tools as (
    select
        runs.project_id,
        coalesce(runs.tool, 'a tool') as tool,
        max(runs.reported_at) as reported_at,
        max(runs.source_run_id) as run_id,
    from {{ ref('quality_runs') }} as runs
    left join listings using (sha256, run_index)
    where runs.is_newest and runs.project_id is not null and listings.sha256 is null
    group by runs.project_id, runs.tool
),

compared as (
    select
        tools.*,
        count(commits.committed_at) as commit_count,
        count(*) filter (where commits.committed_at > tools.reported_at) as commits_since,
        {{ age_days('tools.reported_at', 'max(commits.committed_at)') }} as days_behind,
        days_behind > {{ threshold(rule, 'max_days_behind') }}
        and commits_since >= {{ threshold(rule, 'min_commits') }} as is_stale,
    from tools
    left join {{ ref('commits') }} as commits
        on commits.project_id = tools.project_id and commits.is_in_default
    group by tools.project_id, tools.tool, tools.reported_at, tools.run_id
),

-- one row per project with results of tools, and how far its code is ahead of the stale ones
final as (
    select
        project_id,
        max(commit_count) > 0 as has_commits,
        count(*) as tools,
        count(*) filter (where is_stale) as stale_tools,
        max(days_behind) filter (where is_stale) as days_behind,
        max(commits_since) filter (where is_stale) as commits_since,
        list(tool order by days_behind desc, tool) filter (where is_stale) as stale_names,
        array_to_string(stale_names[1:3], ', ')
        || if(stale_tools > 3, ' and ' || stale_tools - 3 || ' more', '') as first_names,
        max(reported_at) as reported_at,
        max(run_id) as run_id,
    from compared
    group by project_id
)

select * from final
