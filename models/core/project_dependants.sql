with reach as (
    select * from {{ ref('int_dependencies__reach') }}
),

projects as (
    select project_id, project_path from {{ ref('int_structure__projects') }}
),

edges as (
    select * from {{ ref('int_dependencies__edges') }}
),

runs as (select run_id, run_seq from {{ ref('stg_landing__runs') }}),

-- the newest reading that gives the dependencies of a project
readings as (
    select
        edges.dependant_project_id,
        max_by(edges.run_id, runs.run_seq) as run_id,
    from edges
    inner join runs using (run_id)
    group by edges.dependant_project_id
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
