{{ config(materialized='ephemeral') }}
with scanned as (
    select
        coverage.project_id,
        projects.project_path,
        projects.project_name,
        projects.root_path,
        rtrim(scans.source_path_key, '/') as scanned_folder,
        coverage.last_scanned_at is null as was_never_scanned,
        not {{ is_fresh_scan('coverage.last_scanned_at') }} as is_stale,
    from {{ ref('int_coverage__codegraphx_scans') }} as coverage
    inner join {{ ref('int_structure__projects') }} as projects using (project_id)
    left join {{ ref('int_codegraphx__scans') }} as scans using (project_id)
    cross join {{ ref('as_of_day') }} as as_of_day
    where coverage.files_eligible > 0
),

-- one row per project and folder around it whose scan would reach all of it
folders as (
    -- a project that was scanned with its neighbours is scanned again with them
    select
        project_id,
        scanned_folder as folder,
        is_stale as is_due,
    from scanned
    where scanned_folder <> project_path

    union all

    -- one that was never scanned belongs to the folder that it is in
    select
        project_id,
        {{ parent_path('project_path') }},
        was_never_scanned,
    from scanned
    where
        {{ is_beneath(parent_path('project_path'), 'root_path') }}
        and not starts_with(project_name, '.')
        and project_name not in (
            select name from {{ ref('codegraphx_scope') }} where part <> 'ext'
        )
),

folder_counts as (
    select
        folder,
        count(distinct project_id) filter (where is_due) as due_projects,
        count(distinct project_id) as projects,
    from folders
    group by folder
),

-- one row per project whose folder is scanned as a whole: that is less to do than one scan each
final as (
    select
        folders.project_id,
        min(folders.folder) as folder,
    from folders
    inner join folder_counts using (folder)
    where
        folders.is_due
        and folder_counts.due_projects >= {{ weight('folder_scan_min_projects') }}
        and folder_counts.due_projects
        >= {{ weight('folder_scan_min_due_share') }} * folder_counts.projects
    group by folders.project_id
)

select * from final
