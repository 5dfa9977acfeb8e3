{{ config(materialized='ephemeral') }}
-- one row per execution of a test in a report as it is now
with final as (
    select
        runs.quality_run_id,
        runs.tool,
        coalesce(places.project_id, runs.project_id) as project_id,
        places.file_id,
        places.file_path,
        coalesce(tests.suite, '') as suite,
        coalesce(tests.class_name, '') as class_name,
        coalesce(tests.test_name, '') as test_name,
        tests.position,
        tests.start_line,
        tests.outcome,
        tests.message,
        tests.duration_seconds,
        coalesce(tests.started_at, runs.started_at) as started_at,
        -- An error before or after a test is a part of its execution, in an element of its own.
        tests.outcome = 'error'
        and regexp_matches(tests.message, '^failed on (setup|teardown) with ') as is_fixture,
        try_cast({{ json_text('tool_runs.stated_totals', 'tests') }} as bigint) as stated_tests,
        runs.reported_at,
        runs.source_run_id,
    {{ from_reports('tests') }}
    inner join {{ ref('stg_reports__runs') }} as tool_runs
        on tool_runs.sha256 = tests.sha256
        and tool_runs.run_seq = tests.run_seq
        and tool_runs.position = tests.run_index
)

select * from final
