{% set rule = 'HIGH_SIZE_LOW_TEST_COVERAGE' %}
with measured as (
    select * from {{ ref('int_files__project_measures') }}
),

largest_files as (
    select
        project_id,
        list(file_path order by source_line_count desc, file_path)[1:5] as largest_paths,
    from {{ ref('int_files__current') }} as files
    inner join measured using (project_id)
    where
        files.is_own
        and files.file_kind = 'source'
        and files.needs_tests
        and files.source_line_count > 0
        and not (measured.leaves_out_notices and files.has_notice)
    group by project_id
),

final as (
    select
        'HIGH_SIZE_LOW_TEST_COVERAGE' as gap_type,
        project_id,
        project_path,
        project_path as subject,
        case
            when is_gone or kind = 'loose_files' then 'not_applicable'
            when crawl_age_days is null then 'unknown'
            when crawl_age_days > {{ threshold(rule, 'max_fact_age_days') }} then 'unknown'
            -- A sparse checkout leaves files out, perhaps the tests.
            when files_left_out > 0 then 'unknown'
            when lines_to_test < {{ threshold(rule, 'min_source_lines') }} then 'not_applicable'
            when test_share < {{ threshold(rule, 'min_test_share') }} then 'fail'
            else 'pass'
        end as verdict,
        {{ stake('lines_to_test', rule) }} as stake,
        -- Some languages keep tests in the source files; these may not have been counted yet.
        {{ threshold(rule, 'confidence') }} - {{ threshold(rule, 'inline_test_discount') }}
        * coalesce(inline_test_share, 0) as confidence_ratio,
        {{ json_object([
            'source_lines', 'source_files', 'lines_to_test', 'left_out_lines', 'test_lines',
            'test_files', 'inline_test_lines',
            ('test_share', 'round(test_share, 4)'),
            ('min_test_share', threshold(rule, 'min_test_share')),
            ('largest_source_files', 'largest_paths'),
        ]) }} as evidence,
        case when test_files = 0 and inline_test_lines = 0 then 'no_test_file' end as situation,
        {{ json_object([
            ('first', "array_to_string(largest_paths[1:3], ', ')"),
            'code_lines', ('all_test_lines', 'test_lines + inline_test_lines'),
        ]) }} as text_values,
        true as is_from_crawl,
        cast(null as timestamp) as facts_at,
        cast(null as varchar) as run_id,
    from measured
    left join largest_files using (project_id)
)

select * from final
