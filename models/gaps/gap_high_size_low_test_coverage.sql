{% set rule = 'HIGH_SIZE_LOW_TEST_COVERAGE' %}
with measured as (
    select
        projects.*,
        coverage.* exclude (project_id),
        -- If enough was measured, the lines that tests execute count, and not those of the tests.
        coalesce(
            measured_files >= {{ threshold(rule, 'min_measured_share') }} * source_files
            and {{ age_days('reported_at') }} <= {{ threshold(rule, 'max_fact_age_days') }},
            false
        ) as is_measured,
    from {{ ref('int_files__project_measures') }} as projects
    cross join {{ ref('as_of_day') }} as as_of_day
    left join {{ ref('int_reports__project_coverage') }} as coverage using (project_id)
    qualify row_number() over (partition by project_id order by measured_files desc, line_basis) = 1
),

largest_files as (
    select
        project_id,
        list(file_path order by source_line_count desc, file_path)[1:5] as largest_paths,
    from {{ ref('int_files__current') }} as files
    inner join measured using (project_id)
    where
        files.is_own and files.needs_tests and files.file_kind = 'source'
        and files.source_line_count > 0 and not (measured.leaves_out_notices and files.has_notice)
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
            -- A sparse checkout leaves files out, perhaps the tests.
            when crawl_age_days is null or files_left_out > 0 then 'unknown'
            when crawl_age_days > {{ threshold(rule, 'max_fact_age_days') }} then 'unknown'
            when lines_to_test < {{ threshold(rule, 'min_source_lines') }} then 'not_applicable'
            when is_measured and coverage_ratio >= {{ threshold(rule, 'min_coverage') }} then 'pass'
            when is_measured or test_share < {{ threshold(rule, 'min_test_share') }} then 'fail'
            else 'pass'
        end as verdict,
        {{ stake('lines_to_test', rule) }} as stake,
        -- Some languages keep tests in the source files; these may not have been counted yet.
        case
            when is_measured then {{ threshold(rule, 'confidence_if_measured') }}
            else
                {{ threshold(rule, 'confidence') }}
                - {{ threshold(rule, 'inline_test_discount') }} * coalesce(inline_test_share, 0)
        end as confidence_ratio,
        {{ json_object([
            'source_lines', 'source_files', 'lines_to_test', 'left_out_lines', 'test_lines',
            'test_files', 'inline_test_lines', ('test_share', 'round(test_share, 4)'),
            ('min_test_share', threshold(rule, 'min_test_share')),
            ('largest_source_files', 'largest_paths'), 'is_measured',
            ('coverage_ratio', 'round(coverage_ratio, 4)'), 'lines_found', 'lines_hit',
            'line_basis', ('min_coverage', threshold(rule, 'min_coverage')),
        ]) }} as evidence,
        case
            when is_measured then 'measured'
            when test_files = 0 and inline_test_lines = 0 then 'no_test_file'
        end as situation,
        {{ json_object([
            ('first', "array_to_string(largest_paths[1:3], ', ')"), 'code_lines', 'lines_hit',
            ('all_test_lines', 'test_lines + inline_test_lines'), 'lines_found',
        ]) }} as text_values,
        true as is_from_crawl,
        cast(null as timestamp) as facts_at,
        cast(null as varchar) as run_id,
    from measured
    left join largest_files using (project_id)
)

select * from final
