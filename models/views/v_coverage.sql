with projects as (
    select project_id, project_path, source_run_id from {{ ref('projects') }}
    where not is_gone and kind <> 'loose_files'
),

by_project as (
    select * from {{ ref('int_reports__project_coverage') }}
),

files as (
    select * from {{ ref('int_reports__file_coverage') }}
),

final as (
    select
        'project' as scope,
        projects.project_id,
        projects.project_path,
        cast(null as varchar) as file_path,
        'source' as file_kind,
        by_project.line_basis,
        cast(by_project.lines_found as bigint) as lines_found,
        cast(by_project.lines_hit as bigint) as lines_hit,
        by_project.coverage_ratio,
        cast(by_project.branches_found as bigint) as branches_found,
        cast(by_project.branches_hit as bigint) as branches_hit,
        by_project.branches_ratio,
        cast(null as bigint) as recent_revisions,
        cast(null as double) as hotspot_score,
        cast(null as boolean) as is_uncovered_hotspot,
        by_project.uncovered_hotspots,
        by_project.measured_files,
        by_project.unmatched_files,
        cast(null as varchar) as missing_lines,
        {{ as_json_text('by_project.tools') }} as tools,
        by_project.reported_at,
        cast(null as varchar) as file_id,
        coalesce(by_project.source_run_id, projects.source_run_id) as source_run_id,
    from projects
    left join by_project using (project_id)

    union all by name

    select
        'file' as scope,
        files.project_id,
        projects.project_path,
        files.file_path,
        files.file_kind,
        files.line_basis,
        files.lines_found,
        files.lines_hit,
        files.coverage_ratio,
        files.branches_found,
        files.branches_hit,
        files.branches_ratio,
        cast(files.recent_revisions as bigint) as recent_revisions,
        files.hotspot_score,
        files.is_uncovered_hotspot,
        files.missing_lines,
        {{ as_json_text('[coalesce(files.tool, files.format)]') }} as tools,
        files.reported_at,
        files.file_id,
        files.source_run_id,
    from files
    inner join projects using (project_id)
)

select * from final
