-- max_by ignores NULL: a grade that could not be known meanwhile is compared with the one before.
with remembered as (
    select
        project_id,
        max_by(project_path, run_seq) as path_before,
        max_by(is_gone, run_seq) as was_gone,
        max_by(health_grade, run_seq) as grade_before,
        max_by(subject_run_id, run_seq) as subject_run_id,
    from {{ ref('stg_observe__project_observations') }}
    group by project_id
),

-- One row per project whose place or grade differs from its last observation; publishing lands
-- them. A project that is not known any more is gone.
final as (
    select
        project_id,
        coalesce(projects.project_path, path_before) as project_path,
        coalesce(projects.is_gone, true) as is_gone,
        health.health_grade,
        cast(health.health_score as double) as health_score,
        as_of.as_of as observed_at,
        coalesce(projects.source_run_id, remembered.subject_run_id) as subject_run_id,
    from (select * from {{ ref('projects') }} where kind <> 'loose_files') as projects
    full join remembered using (project_id)
    left join {{ ref('int_health__projects') }} as health using (project_id)
    cross join {{ ref('as_of') }} as as_of
    where
        remembered.project_id is null
        or coalesce(projects.is_gone, true) <> was_gone
        or projects.project_path <> path_before
        or coalesce(health.health_grade <> grade_before, health.health_grade is not null)
)

select * from final
