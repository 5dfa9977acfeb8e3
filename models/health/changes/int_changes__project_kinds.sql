{{ config(materialized='ephemeral') }}
with landed as (
    select * from {{ ref('stg_observe__project_observations') }}
),

-- Publishing lands these: until then they have no run.
observed as (
    select *
    from landed

    union all by name

    select * from {{ ref('int_health__project_changes') }}
),

lived as (
    select
        *,
        row_number() over life as observation_number,
        lag(project_path) over life as path_before,
        lag(is_gone) over life as was_gone,
        last_value(health_grade ignore nulls) over earlier as grade_before,
        last_value(health_score ignore nulls) over earlier as score_before,
    from observed
    window
        life as (partition by project_id order by run_seq nulls last),
        earlier as (
            partition by project_id order by run_seq nulls last
            rows between unbounded preceding and 1 preceding
        )
),

-- The memory begins with the projects of the first build: they are not changes.
later as (
    select *
    from lived
    where run_seq is distinct from (select min(run_seq) from landed)
),

-- one row per change of a project or of its grade
final as (
    select
        *,
        case
            when is_gone then 'project_gone'
            when observation_number = 1 then 'project_new'
            else 'project_back'
        end as change_kind,
        case when is_gone then project_path end as value_before,
        case when not is_gone then project_path end as value_after,
    from later
    where is_gone <> coalesce(was_gone, true)

    union all by name

    select
        *,
        case
            when {{ parent_path('path_before') }} = {{ parent_path('project_path') }}
                then 'project_renamed'
            else 'project_moved'
        end as change_kind,
        path_before as value_before,
        project_path as value_after,
    from later
    where path_before <> project_path

    union all by name

    -- Grades are letters: A is the best.
    select
        *,
        case when health_grade < grade_before then 'grade_up' else 'grade_down' end as change_kind,
        grade_before as value_before,
        health_grade as value_after,
    from later
    where grade_before <> health_grade
)

select * from final
