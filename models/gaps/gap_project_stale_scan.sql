with coverage as (
    select *, scan_source = 'crawl' as is_crawl,
    from {{ ref('int_coverage__project_sources') }}
),

final as (
    select
        'PROJECT_STALE_SCAN' as gap_type,
        project_id,
        project_path,
        scan_source as subject,
        case
            when is_gone or kind = 'loose_files' then 'not_applicable'
            -- A project that was never scanned is left to PROJECT_UNINDEXED.
            when last_scanned_at is null then 'not_applicable'
            when is_fresh then 'pass'
            else 'fail'
        end as verdict,
        {{ stake('files_on_disk', 'PROJECT_STALE_SCAN') }} as stake,
        {{ json_object([
            'scan_source', 'scan_age_days', 'files_on_disk',
            ('max_age_days', threshold('PROJECT_STALE_SCAN', 'max_age_days')),
        ]) }} as evidence,
        case when is_crawl then 'crawl' else 'scan' end as situation,
        {{ json_object([
            ('scanned_on', 'case when not is_fresh then cast(last_scanned_at as date) end'),
        ]) }} as text_values,
        case when not is_crawl then scan_source end as scan_source,
        is_crawl as is_from_crawl,
        case when not is_crawl then last_scanned_at end as facts_at,
        scan_run_id as run_id,
    from coverage
)

select * from final
