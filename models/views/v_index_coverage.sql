with coverage as (
    select * from {{ ref('int_coverage__project_sources') }}
),

final as (
    select
        project_id,
        project_path,
        project_name,
        cast(files_on_disk as bigint) as files_on_disk,
        cast(files_tracked as bigint) as files_tracked,
        cast(files_eligible as bigint) as files_eligible,
        cast(files_scanned as bigint) as files_scanned,
        cast(files_missing_from_scan as bigint) as files_missing_from_scan,
        cast(scanned_not_on_disk as bigint) as scanned_not_on_disk,
        cast(excluded_count as bigint) as excluded_count,
        cast(unreadable_count as bigint) as unreadable_count,
        cast(coverage_ratio as double) as coverage_ratio,
        last_crawled_at,
        last_scanned_at,
        scan_age_days,
        is_fresh,
        scan_source,
        run_id as source_run_id,
        cast(files_left_out as bigint) as files_left_out,
    from coverage
)

select * from final
