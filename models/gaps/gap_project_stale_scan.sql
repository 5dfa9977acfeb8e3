with coverage as (
    select * from {{ ref('int_coverage__project_sources') }}
),

projects as (
    select * from {{ ref('int_structure__projects') }}
),

judged as (
    select
        coverage.*,
        projects.root_path,
        case
            when coverage.is_gone or coverage.kind = 'loose_files' then 'not_applicable'
            -- Never scanned is PROJECT_UNINDEXED's to say.
            when coverage.last_scanned_at is null then 'not_applicable'
            when coverage.is_fresh then 'pass'
            else 'fail'
        end as verdict,
        {{ argv('enrich', ["'refresh-meta'", 'projects.root_path'], ['projects.root_path']) }} as crawl_argv,
        coverage.scan_source = 'crawl' as is_crawl,
    from coverage
    inner join projects using (project_id)
),

final as (
    select
        'PROJECT_STALE_SCAN' as gap_type,
        project_id,
        project_path,
        scan_source as subject,
        verdict,
        {{ stake('files_on_disk', 'PROJECT_STALE_SCAN') }} as stake,
        1.0 as confidence_ratio,
        {{ json_object({
            'scan_source': 'scan_source', 'scan_age_days': 'scan_age_days', 'files_on_disk': 'files_on_disk',
            'max_age_days': threshold('PROJECT_STALE_SCAN', 'max_age_days'),
        }) }} as evidence,
        case
            when is_crawl then 'Crawl ' || root_path || ' again'
            else scan_headline
        end as headline,
        case when is_crawl then 'its newest crawl is ' else 'its newest scan by CodeGraphX is ' end
        || scan_age_days || ' days old' as because,
        scan_advice as advice,
        case when not is_crawl then scan_source || ' ' || scan_target end as action_group,
        case when is_crawl then crawl_argv else scan_argv end as argv,
        case when is_crawl then 'land' else 'execute' end as effect,
        scan_cwd as cwd,
        last_scanned_at as facts_at,
        run_id,
    from judged
)

select * from final
