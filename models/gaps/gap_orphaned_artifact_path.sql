with pointed_paths as (
    select * from {{ ref('int_coverage__pointed_paths') }}
),

projects as (
    select * from {{ ref('int_structure__projects') }}
),

-- a path that artifacts point at, or a project that none points at
final as (
    select
        'ORPHANED_ARTIFACT_PATH' as gap_type,
        project_id,
        projects.project_path,
        coalesce(pointed_paths.path, projects.project_path) as subject,
        case
            when coalesce(not pointed_paths.is_promised, true) then 'not_applicable'
            when pointed_paths.state = 'gone' then 'fail'
            when pointed_paths.state = 'there' then 'pass'
            else 'unknown'
        end as verdict,
        {{ stake('pointer_count', 'ORPHANED_ARTIFACT_PATH') }} as stake,
        {{ json_object([
            ('pointed_at_by', 'artifacts[1:20]'), ('as', 'pointers'), 'pointer_count',
        ]) }} as evidence,
        case
            when projects.is_gone then 'project_is_gone'
            when project_id is null then 'no_project'
        end as situation,
        pointed_paths.scan_source,
        {{ json_object([('artifact', last_part('artifacts[1]'))]) }} as text_values,
        pointed_paths.looked_at as facts_at,
        coalesce(pointed_paths.run_id, projects.repository_run_id) as run_id,
    from pointed_paths
    full join projects using (project_id)
)

select * from final
