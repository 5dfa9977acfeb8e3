{% set rule = 'HIGH_CHANGE_NO_TESTS' %}
with measured as (
    select * from {{ ref('int_files__project_measures') }}
    left join {{ ref('int_git__activity') }} using (project_id)
),

final as (
    select
        'HIGH_CHANGE_NO_TESTS' as gap_type,
        project_id,
        project_path,
        project_path as subject,
        case
            when is_gone or is_bare or vcs = 'none' then 'not_applicable'
            when crawl_age_days is null then 'unknown'
            when crawl_age_days > {{ threshold(rule, 'max_fact_age_days') }} then 'unknown'
            when program_lines = 0 then 'not_applicable'
            when test_lines > 0 or inline_test_lines > 0 then 'pass'
            -- A sparse checkout leaves files out, perhaps the tests.
            when files_left_out > 0 then 'unknown'
            when commits_90d >= {{ threshold(rule, 'min_commits') }} then 'fail'
            -- A truncated history may have had more commits.
            when commits_90d is null or repository_state not in ('read', 'empty') then 'unknown'
            else 'not_applicable'
        end as verdict,
        {{ stake('commits_90d', rule) }} as stake,
        {{ threshold(rule, 'confidence') }} - {{ threshold(rule, 'inline_test_discount') }}
        * coalesce(inline_test_share, 0) as confidence_ratio,
        {{ json_object([
            'commits_90d', 'contributors_90d', ('min_commits', threshold(rule, 'min_commits')),
            'source_lines', 'source_files', 'test_lines', 'test_files', 'inline_test_lines',
        ]) }} as evidence,
        {{ json_object([('days', 'activity_days')]) }} as text_values,
        true as is_from_crawl,
        cast(null as timestamp) as facts_at,
        cast(null as varchar) as run_id,
    from measured
)

select * from final
