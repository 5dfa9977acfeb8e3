with sources as (
    select * from {{ ref('int_coverage__sources') }}
),

projects as (
    select * from {{ ref('int_structure__projects') }}
),

crawls as (
    select * from {{ ref('int_structure__project_crawls') }}
),

scans as (
    select
        crawl_scans.*,
        crawls.last_crawled_at as last_scanned_at,
    from {{ ref('int_coverage__crawl_scans') }} as crawl_scans
    inner join crawls using (project_id)

    union all by name

    select * from {{ ref('int_coverage__codegraphx_scans') }}
),

as_of_day as (
    select * from {{ ref('as_of_day') }}
),

-- one row per project and scan source that it must have
final as (
    select
        projects.project_id,
        projects.project_path,
        projects.project_name,
        projects.kind,
        projects.is_gone,
        sources.scan_source,
        scans.files_on_disk,
        scans.files_tracked,
        scans.files_eligible,
        scans.files_scanned,
        scans.files_scanned / nullif(scans.files_eligible, 0) as coverage_ratio,
        scans.files_missing_from_scan,
        scans.scanned_not_on_disk,
        scans.excluded_count,
        scans.unreadable_count,
        scans.files_left_out,
        scans.missing_paths,
        scans.scan_path,
        crawls.last_crawled_at,
        scans.last_scanned_at,
        {{ age_days('scans.last_scanned_at') }} as scan_age_days,
        {{ is_fresh_scan('scans.last_scanned_at') }} as is_fresh,
        coalesce(scans.run_id, crawls.run_id, projects.repository_run_id) as run_id,
        scans.run_id as scan_run_id,
    from projects
    cross join sources
    cross join as_of_day
    left join crawls using (project_id)
    left join scans using (project_id, scan_source)
)

select * from final
