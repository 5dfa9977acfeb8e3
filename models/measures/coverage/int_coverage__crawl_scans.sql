with projects as (
    select * from {{ ref('int_structure__projects') }}
),

crawls as (
    select * from {{ ref('int_structure__project_crawls') }}
),

measures as (
    select
        project_id,
        files_left_out,
    from {{ ref('int_files__project_measures') }}
),

-- one row per project with files: how many the crawl could read
file_counts as (
    select
        project_id,
        count(*) as files_on_disk,
        count(*) filter (where state = 'present') as files_scanned,
        count(*) filter (where state = 'unreadable') as files_unreadable,
        list(file_path order by file_path) filter (where state = 'unreadable') as unreadable_paths,
    from {{ ref('int_files__current') }}
    group by project_id
),

tracked_counts as (
    select
        repository_path,
        count(*) filter (where not is_submodule) as files_tracked,
    from {{ ref('int_structure__tracked_files') }}
    group by repository_path
),

-- an excluded or unreadable directory counts for the project that it is in
directory_counts as (
    select
        above.project_path,
        count(*) filter (where below.state = 'excluded') as excluded_directories,
        count(*) filter (where below.state = 'unreadable') as unreadable_directories,
        list(below.path order by below.path) filter (where below.state = 'unreadable')
            as unreadable_paths,
    from {{ ref('int_structure__directories') }} as below
    inner join {{ ref('int_structure__directories') }} as above on above.path = below.parent_path
    where below.state in ('excluded', 'unreadable')
    group by above.project_path
),

skipped_counts as (
    select
        directories.project_path,
        count(*) as skipped_files,
    from {{ ref('int_files__states') }} as files
    inner join {{ ref('int_structure__directories') }} as directories
        on directories.path = files.directory_path
    where files.state = 'skipped'
    group by directories.project_path
),

-- One row per project that a crawl could enter, whenever that was; the others are unknown.
final as (
    select
        projects.project_id,
        'crawl' as scan_source,
        coalesce(file_counts.files_on_disk, 0) as files_on_disk,
        case
            when projects.has_tracked_files then coalesce(tracked_counts.files_tracked, 0)
            when projects.vcs = 'none' or projects.repository_state = 'empty' then 0
        end as files_tracked,
        -- A sparse checkout leaves files out, which no crawl can read.
        coalesce(file_counts.files_on_disk, 0) + coalesce(measures.files_left_out, 0)
            as files_eligible,
        measures.files_left_out,
        coalesce(file_counts.files_scanned, 0) as files_scanned,
        coalesce(file_counts.files_unreadable, 0) as files_missing_from_scan,
        0 as scanned_not_on_disk,
        coalesce(directory_counts.excluded_directories, 0)
        + coalesce(skipped_counts.skipped_files, 0) as excluded_count,
        coalesce(file_counts.files_unreadable, 0)
        + coalesce(directory_counts.unreadable_directories, 0) as unreadable_count,
        list_concat(
            coalesce(file_counts.unreadable_paths, []),
            coalesce(directory_counts.unreadable_paths, [])
        ) as missing_paths,
    from projects
    inner join crawls using (project_id)
    left join measures using (project_id)
    left join file_counts using (project_id)
    left join tracked_counts on tracked_counts.repository_path = projects.project_path
    left join directory_counts using (project_path)
    left join skipped_counts using (project_path)
)

select * from final
