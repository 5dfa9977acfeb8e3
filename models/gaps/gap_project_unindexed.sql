with coverage as (
    select * from {{ ref('int_coverage__project_sources') }}
),

pointers as (
    select * from {{ ref('int_structure__pointers') }}
),

judged as (
    select
        coverage.*,
        pointers.pointer_kind,
        pointers.pointed_from,
        pointers.seen_at as pointer_seen_at,
        case
            when coverage.is_gone or coverage.kind = 'loose_files' then 'not_applicable'
            when coverage.last_scanned_at is null then 'fail'
            else 'pass'
        end as verdict,
        {{ argv('enrich', ["'refresh-meta'", 'coverage.project_path'], ['coverage.project_path']) }}
            as crawl_argv,
    from coverage
    left join pointers on pointers.path = coverage.project_path
),

final as (
    select
        'PROJECT_UNINDEXED' as gap_type,
        project_id,
        project_path,
        scan_source as subject,
        verdict,
        {{ stake(threshold('PROJECT_UNINDEXED', 'unknown_size'), 'PROJECT_UNINDEXED') }} as stake,
        case when pointer_kind is null then 0.9 else 0.7 end as confidence_ratio,
        {{ json_object({
            'scan_source': 'scan_source', 'pointer_kind': 'pointer_kind', 'pointed_from': 'pointed_from',
        }) }} as evidence,
        case pointer_kind
            when 'submodule' then 'Check out the submodule ' || project_name
            when 'worktree' then 'Crawl the worktree ' || project_name
            else 'Scan ' || project_name
        end as headline,
        case pointer_kind
            when 'submodule' then 'it is a submodule of ' || pointed_from || ' and not checked out'
            when 'worktree'
                then 'it is a linked worktree of ' || pointed_from || ' outside of what is crawled'
            else 'no ' || scan_source || ' could enter it yet'
        end as because,
        case pointer_kind
            when 'submodule'
                then 'Run git submodule update --init in ' || pointed_from || ', then crawl again.'
            when 'worktree'
                then 'Crawl it as a root of its own, or remove it with git worktree prune.'
        end as advice,
        case pointer_kind when 'submodule' then pointed_from end as action_group,
        case when pointer_kind = 'worktree' then crawl_argv end as argv,
        'land' as effect,
        -- What is known of it is the pointer, as fresh as the look at what points.
        pointer_seen_at as facts_at,
        run_id,
    from judged
)

select * from final
