{{ config(materialized='ephemeral') }}
{% set rule = 'COMPLEX_HOTSPOT' %}
with hotspots as (
    select * from {{ ref('int_git__hotspots') }}
),

metadata as (
    select * from {{ ref('codebase_metadata') }}
    where file_type = 'source'
),

tested as (
    select
        codebase_id as project_id,
        count(*) filter (where test_file_count > 0 or inline_test_lines > 0) as tested_files,
    from metadata
    group by codebase_id
),

-- one row per own source file that is complex and changes often
hot as (
    select
        hotspots.project_id,
        hotspots.file_path,
        hotspots.recent_revisions,
        hotspots.complexity,
        metadata.max_cyclomatic,
        metadata.test_file_count = 0 and coalesce(metadata.inline_test_lines, 0) = 0 as is_untested,
        hotspots.source_run_id,
    from hotspots
    inner join metadata on metadata.id = hotspots.file_id
    where
        hotspots.recent_revisions >= {{ threshold(rule, 'min_changes') }}
        and hotspots.complexity >= {{ threshold(rule, 'min_file_cyclomatic') }}
        -- Many simple functions are not complex. CodeGraphX's files are judged by their sum alone.
        and coalesce(metadata.max_cyclomatic >= {{ threshold(rule, 'min_cyclomatic') }}, true)
),

-- one row per project with such files
final as (
    select
        project_id,
        count(*) as hot_files,
        count(*) filter (where is_untested) as untested_files,
        any_value(tested_files) as tested_files,
        list(
            struct_pack(
                file := file_path,
                changes := recent_revisions,
                complexity := complexity,
                max_cyclomatic := max_cyclomatic
            )
            order by recent_revisions * complexity desc, file_path
        ) filter (where is_untested)[1:10] as hottest,
        array_to_string(list_transform(hottest[1:3], lambda one: one['file']), ', ')
            as hottest_named,
    from hot
    inner join tested using (project_id)
    group by project_id
)

select * from final
