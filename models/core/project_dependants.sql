with reach as (
    select * from {{ ref('int_dependencies__reach') }}
),

projects as (
    select project_id, project_path from {{ ref('int_structure__projects') }}
),

-- the newest reading that says of a project what it needs here
readings as (
    select dependant_project_id, max_by(run_id, runs.run_seq) as run_id
    from {{ ref('int_dependencies__edges') }} as edges
    inner join {{ ref('stg_landing__runs') }} as runs using (run_id)
    group by dependant_project_id
),

final as (
    select
        reach.project_id,
        projects.project_path,
        reach.dependant_project_id,
        dependants.project_path as dependant_project_path,
        reach.is_direct,
        readings.run_id as source_run_id,
    from reach
    inner join projects on projects.project_id = reach.project_id
    inner join projects as dependants on dependants.project_id = reach.dependant_project_id
    inner join readings on readings.dependant_project_id = reach.dependant_project_id
)

select * from final
