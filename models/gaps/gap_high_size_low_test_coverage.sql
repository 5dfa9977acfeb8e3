with measures as (
    select * from {{ ref('int_files__project_measures') }}
),

-- where to begin
largest_files as (
    select
        project_id,
        list(file_path order by line_count desc, file_path)[1:5] as paths,
    from {{ ref('int_files__current') }}
    where file_kind = 'source' and line_count > 0
    group by project_id
),

measured as (
    select
        measures.*,
        largest_files.paths as largest_paths,
    from measures
    left join largest_files using (project_id)
),

judged as (
    select
        *,
        case
            when is_gone or kind = 'loose_files' then 'not_applicable'
            when last_crawled_at is null then 'unknown'
            when crawl_age_days > {{ threshold('HIGH_SIZE_LOW_TEST_COVERAGE', 'max_fact_age_days') }}
                then 'unknown'
            when source_lines < {{ threshold('HIGH_SIZE_LOW_TEST_COVERAGE', 'min_source_lines') }}
                then 'not_applicable'
            when test_share < {{ threshold('HIGH_SIZE_LOW_TEST_COVERAGE', 'min_test_share') }}
                then 'fail'
            else 'pass'
        end as verdict,
    from measured
),

final as (
    select
        'HIGH_SIZE_LOW_TEST_COVERAGE' as gap_type,
        project_id,
        project_path,
        project_path as subject,
        verdict,
        {{ stake('source_lines', 'HIGH_SIZE_LOW_TEST_COVERAGE') }} as stake,
        -- Some languages keep tests in the source files, where no file name shows them.
        0.9 - 0.5 * coalesce(inline_test_share, 0) as confidence_ratio,
        {{ json_object({
            'source_lines': 'source_lines', 'source_files': 'source_files', 'test_lines': 'test_lines',
            'test_files': 'test_files', 'test_share': 'round(test_share, 4)',
            'min_test_share': threshold('HIGH_SIZE_LOW_TEST_COVERAGE', 'min_test_share'),
            'largest_source_files': 'largest_paths',
        }) }} as evidence,
        'Write tests for ' || project_name as headline,
        case
            when test_files = 0 then source_lines || ' source lines and no test file'
            else source_lines || ' source lines against ' || test_lines || ' test lines'
        end as because,
        'Begin with the largest source files: ' || array_to_string(largest_paths[1:3], ', ') || '.' as advice,
        -- One piece of work, whatever else says that tests are missing.
        'tests ' || project_id as action_group,
        {{ argv('enrich', ["'show'", 'project_path'], ['project_path']) }} as argv,
        'read' as effect,
        last_crawled_at as facts_at,
        run_id,
    from judged
)

select * from final
