with coverage as (
    select * from {{ ref('int_coverage__project_sources') }}
),

judged as (
    select
        *,
        case
            when is_gone or kind = 'loose_files' then 'not_applicable'
            -- What is not read is a file more than what was never scanned: the crawl knows what is there.
            when scan_source = 'crawl' and last_scanned_at is null then 'unknown'
            when files_missing_from_scan > 0 or unreadable_count > 0 then 'fail'
            when last_scanned_at is null or files_missing_from_scan is null then 'unknown'
            else 'pass'
        end as verdict,
        scan_source = 'crawl' as is_crawl,
    from coverage
),

final as (
    select
        'FILE_MISSING_FROM_SCAN' as gap_type,
        project_id,
        project_path,
        scan_source as subject,
        verdict,
        {{ stake('greatest(files_missing_from_scan, unreadable_count)', 'FILE_MISSING_FROM_SCAN') }} as stake,
        1.0 as confidence_ratio,
        {{ json_object({
            'scan_source': 'scan_source', 'files_missing': 'files_missing_from_scan',
            'unreadable': 'unreadable_count', 'files_eligible': 'files_eligible',
            'scan': 'scan_path', 'paths': 'missing_paths[1:20]',
        }) }} as evidence,
        case
            when is_crawl then 'Make ' || unreadable_count || ' paths of ' || project_name || ' readable'
            else scan_headline
        end as headline,
        case
            when is_crawl then unreadable_count || ' of its files or directories could not be read'
            when last_scanned_at is null
                then 'CodeGraphX has scanned none of its ' || files_missing_from_scan || ' files'
            else 'its scan by CodeGraphX lacks ' || files_missing_from_scan || ' of its ' || files_eligible || ' files'
        end as because,
        scan_advice as advice,
        case when not is_crawl then scan_source || ' ' || scan_target end as action_group,
        scan_argv as argv,
        case when not is_crawl then 'execute' end as effect,
        scan_cwd as cwd,
        coalesce(last_scanned_at, last_crawled_at) as facts_at,
        run_id,
    from judged
)

select * from final
