with terms as (
    select * from {{ ref('int_health__term_rows') }}
),

projects as (
    select project_id, project_path, project_name from {{ ref('projects') }}
),

final as (
    select
        terms.project_id,
        projects.project_path,
        projects.project_name,
        terms.term,
        cast(terms.points as double) as points,
        cast(terms.maximum as double) as maximum,
        terms.reason,
        terms.run_id as source_run_id,
    from terms
    inner join projects using (project_id)
)

select * from final
