with projects as (
    select * from {{ ref('int_structure__projects') }}
    where exists (select 1 from {{ ref('int_coverage__sources') }} where scan_source = 'codegraphx')
),

crawls as (
    select * from {{ ref('int_coverage__crawl_scans') }}
),

scans as (
    select * from {{ ref('int_codegraphx__scans') }}
),

on_disk as (
    select
        project_id,
        count(*) filter (where not is_excluded) as files_eligible,
        count(*) filter (where not is_excluded and is_scanned) as files_scanned,
        count(*) filter (where is_excluded and not is_scanned) as excluded_count,
        list(file_path order by file_path) filter (where not is_excluded and not is_scanned)
            as missing_paths,
        count(*) filter (where not is_excluded and is_in_a_chunk) as chunk_files,
        count(*) filter (where not is_excluded and is_in_a_chunk and not is_scanned)
            as missing_in_chunks,
    from {{ ref('int_coverage__codegraphx_files') }}
    group by project_id
),

in_scan as (
    select
        project_id,
        count(*) as files_scanned,
        count(*) filter (where not is_on_disk) as scanned_not_on_disk,
        bool_or(is_on_disk is null) as is_undecided,
    from {{ ref('codegraphx_scan_files') }}
    where is_counted and project_id is not null
    group by project_id
),

known as (
    select
        projects.*,
        crawls.project_id is not null as is_crawled,
        scans.project_id is not null as is_scanned,
        coalesce(scans.is_landed, false) as is_scan_landed,
    from projects
    left join crawls using (project_id)
    left join scans using (project_id)
),

-- one row per project, scanned or not; the crawl decides which files exist
final as (
    select
        known.project_id,
        'codegraphx' as scan_source,
        crawls.files_on_disk,
        crawls.files_tracked,
        case when known.is_crawled then coalesce(on_disk.files_eligible, 0) end as files_eligible,
        case
            when known.is_gone or not known.is_scanned then 0
            when not known.is_scan_landed then scans.scan_file_count
            when known.is_crawled then coalesce(on_disk.files_scanned, 0)
            else coalesce(in_scan.files_scanned, 0)
        end as files_scanned,
        case
            when
                known.is_crawled
                and not known.is_gone
                and (known.is_scan_landed or not known.is_scanned)
                then coalesce(len(on_disk.missing_paths), 0)
        end as files_missing_from_scan,
        case
            when not known.is_scanned then 0
            when known.is_scan_landed and not coalesce(in_scan.is_undecided, false)
                then coalesce(in_scan.scanned_not_on_disk, 0)
        end as scanned_not_on_disk,
        case when known.is_crawled then coalesce(on_disk.excluded_count, 0) end as excluded_count,
        cast(null as bigint) as unreadable_count,
        on_disk.missing_paths,
        coalesce(on_disk.missing_in_chunks, 0) as missing_in_chunks,
        case when known.is_crawled then coalesce(on_disk.chunk_files, 0) end as chunk_files,
        scans.scan_path,
        scans.last_scanned_at,
        scans.run_id,
    from known
    left join crawls using (project_id)
    left join scans using (project_id)
    left join on_disk using (project_id)
    left join in_scan using (project_id)
)

select * from final
