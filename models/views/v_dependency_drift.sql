with uses as (
    select * from {{ ref('int_dependencies__drift') }}
),

projects as (
    select project_id, project_path from {{ ref('projects') }}
),

final as (
    select
        uses.use_id,
        uses.project_id,
        projects.project_path,
        uses.* exclude (use_id, project_id, newest_project_id, source_run_id),
        newest.project_path as newest_project_path,
        uses.source_run_id,
    from uses
    left join projects using (project_id)
    left join projects as newest on newest.project_id = uses.newest_project_id
)

select * from final
