{{ config(materialized='ephemeral') }}
with settings as (
    {{ code_settings(['slow_test_seconds']) }}
),

results as (
    select
        test_results.* rename (test_result_id as test_id),
        coalesce(duration_seconds >= settings.slow_test_seconds, false) as is_slow,
        case
            when outcome in ('failed', 'error') then 'failing'
            when is_flaky then 'flaky'
            when outcome = 'skipped' then 'skipped'
            when is_slow then 'slow'
            else 'passing'
        end as health,
    from {{ ref('test_results') }} as test_results
    inner join {{ ref('quality_runs') }} as runs using (quality_run_id)
    cross join settings
    where runs.is_newest
),

-- one row per test of the newest runs, and per test that no report ran
final as (
    select * from results

    union all by name

    select
        symbol_id as test_id,
        project_id,
        file_id,
        file_path,
        parent_name as class_name,
        name as test_name,
        'never run' as health,
        start_line,
        source_run_id,
    from {{ ref('int_reports__never_run') }}
)

select * from final
