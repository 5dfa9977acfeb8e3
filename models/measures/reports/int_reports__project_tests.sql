{{ config(materialized='ephemeral') }}
with tests as (
    select * from {{ ref('int_reports__test_health') }}
    where health <> 'never run'
),

changes as (
    select project_id, last_commit_at from {{ ref('int_structure__projects') }}
),

-- one row per project with tests in its newest reports; a skipped test did not run
final as (
    select
        project_id,
        count(*) filter (where outcome <> 'skipped') as run_tests,
        count(*) filter (where health = 'failing') as failing,
        count(*) filter (where is_flaky) as flaky,
        count(*) filter (where outcome = 'skipped') as skipped,
        list_sort(list_distinct(list(tool))) as tools,
        max(reported_at) as reported_at,
        max_by(tests.source_run_id, reported_at) as run_id,
        coalesce(any_value(changes.last_commit_at) > max(reported_at), false) as is_changed_since,
        list(
            struct_pack(
                test := coalesce(class_name || ' ', '') || coalesce(test_name, suite),
                file := file_path,
                message := left(message, 200)
            )
            order by class_name, test_name, test_id
        ) filter (where health = 'failing')[1:10] as examples,
        array_to_string(list_transform(examples[1:3], lambda one: one.test), ', ') as first,
    from tests
    left join changes using (project_id)
    where project_id is not null
    group by project_id
)

select * from final
