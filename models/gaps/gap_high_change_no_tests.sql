with measures as (
    select * from {{ ref('int_files__project_measures') }}
),

activity as (
    select * from {{ ref('int_health__activity') }}
),

measured as (
    select
        measures.*,
        activity.commits_90d,
        activity.contributors_90d,
    from measures
    left join activity using (project_id)
),

judged as (
    select
        *,
        case
            when is_gone or is_bare or vcs = 'none' then 'not_applicable'
            when last_crawled_at is null then 'unknown'
            when crawl_age_days > {{ threshold('HIGH_CHANGE_NO_TESTS', 'max_fact_age_days') }} then 'unknown'
            when source_lines = 0 then 'not_applicable'
            when test_lines > 0 then 'pass'
            when commits_90d >= {{ threshold('HIGH_CHANGE_NO_TESTS', 'min_commits') }} then 'fail'
            -- A history that was cut may hold more.
            when commits_90d is null or repository_state not in ('read', 'empty') then 'unknown'
            else 'not_applicable'
        end as verdict,
    from measured
),

final as (
    select
        'HIGH_CHANGE_NO_TESTS' as gap_type,
        project_id,
        project_path,
        project_path as subject,
        verdict,
        coalesce({{ stake('commits_90d', 'HIGH_CHANGE_NO_TESTS') }}, 0) as stake,
        -- Some languages keep tests in the source files, where no file name shows them.
        0.9 - 0.5 * coalesce(inline_test_share, 0) as confidence_ratio,
        {{ json_object({
            'commits_90d': 'commits_90d', 'contributors_90d': 'contributors_90d',
            'min_commits': threshold('HIGH_CHANGE_NO_TESTS', 'min_commits'),
            'source_lines': 'source_lines', 'source_files': 'source_files', 'test_lines': 'test_lines',
            'test_files': 'test_files', 'inline_test_share': 'round(inline_test_share, 4)',
        }) }} as evidence,
        'Write tests for ' || project_name as headline,
        commits_90d || ' commits in 90 days to ' || source_lines || ' source lines, and no test' as because,
        cast(null as varchar) as advice,
        -- The same work as for much code and few tests.
        'tests ' || project_id as action_group,
        {{ argv('enrich', ["'show'", 'project_path'], ['project_path']) }} as argv,
        'read' as effect,
        last_crawled_at as facts_at,
        run_id,
    from judged
)

select * from final
