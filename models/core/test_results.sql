with cases as (
    select * from {{ ref('int_reports__test_cases') }}
),

counted as (
    select
        quality_run_id,
        count(*) as case_count,
        count(distinct row(suite, class_name, test_name)) as test_count,
    from cases
    group by quality_run_id
),

-- The worst outcome of a test counts.
folded as (
    select
        quality_run_id,
        suite,
        class_name,
        test_name,
        any_value(tool) as tool,
        min(project_id) as project_id,
        min(file_id) as file_id,
        min_by(file_path, file_id) as file_path,
        min(start_line) as start_line,
        max_by(cases, (
            list_position(['passed', 'skipped', 'failed', 'error'], outcome), -position
        )) as worst,
        count(*) filter (where not coalesce(is_fixture, false)) as attempts,
        count(*) filter (where outcome = 'passed') as passes,
        count(*) filter (where outcome in ('failed', 'error') and not coalesce(is_fixture, false))
            as failures,
        sum(duration_seconds) as duration_seconds,
        min(started_at) as started_at,
        any_value(stated_tests) as stated_tests,
        any_value(reported_at) as reported_at,
        any_value(source_run_id) as source_run_id,
    from cases
    group by quality_run_id, suite, class_name, test_name
),

final as (
    select
        {{ hash_id(['quality_run_id', 'suite', 'folded.class_name', 'test_name']) }}
            as test_result_id,
        quality_run_id,
        project_id,
        coalesce(folded.file_id, classes.file_id) as file_id,
        coalesce(folded.file_path, classes.file_path) as file_path,
        case
            when folded.file_id is not null then 'path'
            when classes.file_id is not null then 'class name'
        end as matched_by,
        nullif(suite, '') as suite,
        nullif(folded.class_name, '') as class_name,
        test_name,
        folded.worst.outcome as outcome,
        (passes > 0 and failures > 0)
        -- A tool that counts tests, and writes a test more often, has run it again.
        or (attempts > 1 and passes = attempts and stated_tests <= counted.test_count) as is_flaky,
        greatest(attempts, 1) as attempts,
        duration_seconds,
        case when folded.worst.outcome <> 'passed' then folded.worst.message end as message,
        start_line,
        tool,
        started_at,
        reported_at,
        source_run_id,
    from folded
    inner join counted using (quality_run_id)
    left join {{ ref('int_reports__test_classes') }} as classes using (project_id, class_name)
)

select * from final
