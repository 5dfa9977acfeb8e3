{{ config(materialized='ephemeral') }}
with as_of_day as (
    select * from {{ ref('as_of_day') }}
),

needed as (
    select
        project_id,
        count(*) as direct_dependants,
        list({{ last_part('dependant_project_path') }} order by dependant_project_path)[1:20]
            as needed_by,
    from {{ ref('project_dependants') }}
    where is_direct
    group by project_id
),

-- The newest commit on any branch that is here; without a landed history, the one at HEAD. A commit
-- from the future shows that a clock was wrong, not that someone works.
dated as (
    select project_id, committed_at from {{ ref('commits') }}
    where is_reachable

    union all

    select project_id, last_commit_at as committed_at from {{ ref('int_structure__projects') }}
),

-- one row per project that others here need: by which, and its newest commit
final as (
    select
        needed.project_id,
        any_value(needed.direct_dependants) as direct_dependants,
        any_value(needed.needed_by) as needed_by,
        max(dated.committed_at) as newest_commit_at,
        {{ age_days('newest_commit_at', 'any_value(as_of_day.as_of_day)') }} as idle_days,
    from needed
    cross join as_of_day
    left join dated
        on dated.project_id = needed.project_id and {{ age_days('dated.committed_at') }} >= 0
    group by needed.project_id
)

select * from final
