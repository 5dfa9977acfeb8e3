{{ config(materialized='ephemeral') }}
{% set tests = "count(distinct (suite, class_name, test_name)) filter (where %s)" %}
with changes as (
    select project_id, last_commit_at from {{ ref('int_structure__projects') }}
),

-- One row per project with tests in its newest reports. A test in several of them counts once; a
-- skipped test did not run.
final as (
    select
        project_id,
        {{ tests % "outcome <> 'skipped'" }} as run_tests,
        {{ tests % "health = 'failing'" }} as failing,
        {{ tests % "is_flaky" }} as flaky,
        {{ tests % "outcome = 'skipped'" }} as skipped,
        list_sort(list_distinct(list(tool))) as tools,
        max(reported_at) as reported_at,
        max_by(tests.source_run_id, reported_at) as run_id,
        coalesce(any_value(changes.last_commit_at) > max(reported_at), false) as is_changed_since,
        list(
            distinct
            concat_ws(' ', nullif(class_name, test_name), coalesce(test_name, suite))
        ) filter (where health = 'failing') as names,
        list_sort(names)[1:10] as examples,
        array_to_string(examples[1:3], ', ') as first,
    from {{ ref('int_reports__test_health') }} as tests
    left join changes using (project_id)
    where project_id is not null and health <> 'never run'
    group by project_id
)

select * from final
