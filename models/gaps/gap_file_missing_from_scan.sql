with coverage as (
    select * from {{ ref('int_coverage__project_sources') }}
),

judged as (
    select
        *,
        case
            when is_gone or kind = 'loose_files' then 'not_applicable'
            when last_scanned_at is null then 'unknown'
            when files_missing_from_scan > 0 or unreadable_count > 0 then 'fail'
            else 'pass'
        end as verdict,
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
            'paths': 'missing_paths[1:20]',
        }) }} as evidence,
        'Make ' || unreadable_count || ' paths of ' || project_name || ' readable' as headline,
        unreadable_count || ' of its files or directories could not be read' as because,
        cast(null as varchar) as advice,
        cast(null as varchar) as action_group,
        cast(null as varchar[]) as argv,
        cast(null as varchar) as effect,
        last_scanned_at as facts_at,
        run_id,
    from judged
)

select * from final
