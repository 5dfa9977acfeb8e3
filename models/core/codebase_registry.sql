with projects as (
    select * from {{ ref('int_structure__projects') }}
),

readings as (
    select * from {{ ref('int_code__project_readings') }}
),

frameworks as (
    select * from {{ ref('int_dependencies__frameworks') }}
),

counts as (
    select project_id, primary_language, run_id from {{ ref('int_files__project_counts') }}
),

final as (
    select
        projects.project_id as codebase_id,
        projects.project_path as codebase_path,
        projects.project_name as codebase_name,
        cast(null as varchar) as description,
        counts.primary_language as language,
        frameworks.names[1] as framework,
        readings.last_analyzed,
        case
            when readings.project_id is null then 'not_applicable'
            when readings.analysed_files = 0 then 'pending'
            when readings.whole_files < readings.source_files then 'partial'
            else 'completed'
        end as analysis_status,
        {{ json_object([
            ('source_files', 'coalesce(readings.source_files, 0)'),
            ('analysed_files', 'coalesce(readings.analysed_files, 0)'),
            ('whole_files', 'coalesce(readings.whole_files, 0)'),
            ('frameworks', 'coalesce(frameworks.names, [])'),
        ]) }} as metadata,
        projects.first_seen as inserted_at,
        readings.last_analyzed as updated_at,
        coalesce(readings.run_id, counts.run_id, projects.repository_run_id) as source_run_id,
    from projects
    left join counts using (project_id)
    left join readings using (project_id)
    left join frameworks using (project_id)
)

select * from final
