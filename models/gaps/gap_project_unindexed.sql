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
        -- Where nobody crawled yet, that comes first.
        coverage.scan_source = 'crawl' or (coverage.last_crawled_at is null and pointers.path is not null)
            as is_for_crawl,
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
        {{ stake(
            'coalesce(files_eligible, ' ~ threshold('PROJECT_UNINDEXED', 'unknown_size') ~ ')',
            'PROJECT_UNINDEXED'
        ) }} as stake,
        case when pointer_kind is null then 0.9 else 0.7 end as confidence_ratio,
        {{ json_object({
            'scan_source': 'scan_source', 'pointer_kind': 'pointer_kind', 'pointed_from': 'pointed_from',
            'files_eligible': 'files_eligible',
        }) }} as evidence,
        case
            when not is_for_crawl then scan_headline
            when pointer_kind = 'submodule' then 'Check out the submodule ' || project_name
            when pointer_kind = 'worktree' then 'Crawl the worktree ' || project_name
            when pointer_kind = 'catalogue, there' then 'Crawl ' || project_path
            when pointer_kind = 'catalogue' then 'Find the projects of ' || {{ last_part('pointed_from') }}
            else 'Scan ' || project_name
        end as headline,
        case
            when not is_for_crawl and files_eligible = 0
                then 'CodeGraphX has never scanned it, and reads none of its files'
            when not is_for_crawl then 'CodeGraphX has never scanned it'
            when pointer_kind = 'submodule' then 'it is a submodule of ' || pointed_from || ' and not checked out'
            when pointer_kind = 'worktree'
                then 'it is a linked worktree of ' || pointed_from || ' outside of what is crawled'
            when pointer_kind is not null then project_path || ' is in ' || pointed_from || ' and was never crawled'
            else 'no ' || scan_source || ' could enter it yet'
        end as because,
        case
            when not is_for_crawl then scan_advice
            when pointer_kind = 'submodule'
                then 'Run git submodule update --init in ' || pointed_from || ', then crawl again.'
            when pointer_kind = 'worktree'
                then 'Crawl it as a root of its own, or remove it with git worktree prune.'
            when pointer_kind = 'catalogue, there' then 'Crawl it, or a folder around it.'
            when pointer_kind = 'catalogue'
                then 'Crawl the folder that holds it; where it has another place here, land the catalogue again with '
                    || '--map-prefix OLD=NEW.'
        end as advice,
        case
            when not is_for_crawl then scan_source || ' ' || scan_target
            when pointer_kind in ('submodule', 'catalogue') then pointed_from
        end as action_group,
        case
            when not is_for_crawl then scan_argv
            when pointer_kind in ('worktree', 'catalogue, there') then crawl_argv
        end as argv,
        case when is_for_crawl then 'land' else 'execute' end as effect,
        scan_cwd as cwd,
        -- What is known of it is the pointer, as fresh as the look at what points.
        coalesce(pointer_seen_at, case when not is_for_crawl then last_crawled_at end) as facts_at,
        run_id,
    from judged
)

select * from final
