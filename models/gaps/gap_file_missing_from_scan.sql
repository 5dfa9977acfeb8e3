with coverage as (
    select *, scan_source = 'crawl' as is_crawl,
    from {{ ref('int_coverage__project_sources') }}
),

final as (
    select
        'FILE_MISSING_FROM_SCAN' as gap_type,
        project_id,
        project_path,
        scan_source as subject,
        case
            when is_gone or kind = 'loose_files' then 'not_applicable'
            -- If no crawl entered the project, the files that are there are unknown.
            when is_crawl and last_scanned_at is null then 'unknown'
            when files_missing_from_scan > 0 or unreadable_count > 0 then 'fail'
            when last_scanned_at is null or files_missing_from_scan is null then 'unknown'
            else 'pass'
        end as verdict,
        {{ stake('greatest(files_missing_from_scan, unreadable_count)', 'FILE_MISSING_FROM_SCAN') }}
            as stake,
        {{ json_object([
            'scan_source', ('files_missing', 'files_missing_from_scan'),
            ('unreadable', 'unreadable_count'), 'files_eligible', ('scan', 'scan_path'),
            ('paths', 'missing_paths[1:20]'),
        ]) }} as evidence,
        case
            when is_crawl then 'unreadable'
            when last_scanned_at is null then 'never_scanned'
            else 'scanned_in_part'
        end as situation,
        case when not is_crawl then scan_source end as scan_source,
        is_crawl or last_scanned_at is null as is_from_crawl,
        case when not is_crawl then last_scanned_at end as facts_at,
        scan_run_id as run_id,
    from coverage
)

select * from final
