with tests as (
    select * from {{ ref('int_reports__test_health') }}
),

projects as (
    select project_id, project_path from {{ ref('projects') }}
),

final as (
    select
        tests.test_id,
        tests.project_id,
        projects.project_path,
        tests.health,
        tests.is_slow,
        tests.* exclude (test_id, project_id, health, is_slow),
    from tests
    left join projects using (project_id)
)

select * from final
