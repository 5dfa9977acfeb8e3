{% set rule = 'COMPLEX_HOTSPOT' %}
with measured as (
    select
        measures.*,
        coalesce(hot.hot_files, 0) as hot_files,
        coalesce(hot.untested_files, 0) as untested_files,
        coalesce(hot.tested_files, 0) as tested_files,
        hot.hottest,
        hot.hottest_named,
        complexity.measured_files,
    from {{ ref('int_files__project_measures') }} as measures
    left join {{ ref('int_code__hot_files') }} as hot using (project_id)
    left join {{ ref('int_code__complexity') }} as complexity using (project_id)
),

final as (
    select
        'COMPLEX_HOTSPOT' as gap_type,
        project_id,
        project_path,
        project_path as subject,
        case
            when is_gone or is_bare or vcs = 'none' or source_lines = 0 then 'not_applicable'
            -- Complexity was never measured in this workspace: the rule does not apply.
            when not exists (select 1 from {{ ref('int_code__complexity') }}) then 'not_applicable'
            when crawl_age_days is null then 'unknown'
            when crawl_age_days > {{ threshold(rule, 'max_fact_age_days') }} then 'unknown'
            -- A sparse checkout leaves files out, perhaps the tests.
            when untested_files > 0 and files_left_out > 0 then 'unknown'
            -- Tests of a kind that leads to no source file, such as scripts of another program.
            when untested_files > 0 and test_files > 0 and tested_files = 0 then 'unknown'
            when untested_files > 0 then 'fail'
            -- A truncated history may have had more changes.
            when measured_files is null or repository_state not in ('read', 'empty') then 'unknown'
            else 'pass'
        end as verdict,
        {{ stake('untested_files', rule) }} as stake,
        -- If there are tests, one of them may use the file without our seeing it.
        {{ threshold(rule, 'confidence') }}
        - case when test_files > 0 then {{ threshold(rule, 'discount_if_tested') }} else 0 end
            as confidence_ratio,
        {{ json_object([
            'untested_files', 'hot_files', 'tested_files', 'test_files',
            ('min_changes', threshold(rule, 'min_changes')),
            ('min_file_cyclomatic', threshold(rule, 'min_file_cyclomatic')),
            ('min_cyclomatic', threshold(rule, 'min_cyclomatic')), 'hottest',
        ]) }} as evidence,
        {{ json_object([
            'hottest_named', ('days', var('history_window_days')),
            ('changes', 'cast(' ~ threshold(rule, 'min_changes') ~ ' as bigint)'),
        ]) }} as text_values,
        true as is_from_crawl,
        cast(null as timestamp) as facts_at,
        cast(null as varchar) as run_id,
    from measured
)

select * from final
