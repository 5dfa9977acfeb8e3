with vulnerabilities as (
    select * from {{ ref('vulnerabilities') }}
),

projects as (
    select project_id, project_path from {{ ref('projects') }}
),

final as (
    select
        vulnerabilities.vulnerability_id,
        vulnerabilities.project_id,
        projects.project_path,
        vulnerabilities.* exclude (vulnerability_id, project_id, file_id, source_run_id),
        {{ as_json_text('chains.chain') }} as dependency_path,
        vulnerabilities.source_run_id,
    from vulnerabilities
    left join projects using (project_id)
    left join {{ ref('int_reports__chains') }} as chains using (vulnerability_id)
)

select * from final
