{{ config(materialized='ephemeral') }}
with projects as (
    select project_id from {{ ref('int_structure__projects') }}
),

blocked as (
    select
        project_id,
        count(*) as blocked_verdicts,
    from {{ ref('int_gaps__verdicts') }}
    -- Path checks wait for no scan, so they block nothing.
    where verdict = 'unknown' and scope <> 'artifact'
    group by project_id
),

dependants as (
    select * from {{ ref('int_dependencies__dependants') }}
),

mine as (
    select * from {{ ref('int_git__mine') }}
),

-- one row per project: how much else depends on it, and whether it is the user's own
final as (
    select
        projects.project_id,
        coalesce(blocked.blocked_verdicts, 0) as blocked_verdicts,
        dependants.direct_dependants,
        dependants.further_dependants,
        mine.is_mine,
        mine.mine_reason,
    from projects
    left join blocked using (project_id)
    left join dependants using (project_id)
    left join mine using (project_id)
)

select * from final
