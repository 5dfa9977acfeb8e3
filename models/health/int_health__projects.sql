{{ config(materialized='view') }}
with projects as (
    select * from {{ ref('projects') }}
),

terms as (
    select * from {{ ref('int_health__terms') }}
),

gap_counts as (
    select * from {{ ref('int_health__gap_counts') }}
),

facts as (
    select * from {{ ref('int_health__facts') }}
    where is_judged
),

mine as (
    select * from {{ ref('int_git__mine') }}
),

as_of_day as (
    select * from {{ ref('as_of_day') }}
),

final as (
    select
        projects.project_id,
        terms.* exclude (project_id, index_state),
        {{ age_days('terms.last_scanned_at') }} as scan_age_days,
        case when projects.is_gone then 'gone' else terms.index_state end as index_state,
        case
            when terms.health_score >= {{ health_weight('grade_a') }} then 'A'
            when terms.health_score >= {{ health_weight('grade_b') }} then 'B'
            when terms.health_score >= {{ health_weight('grade_c') }} then 'C'
            when terms.health_score >= {{ health_weight('grade_d') }} then 'D'
            when terms.health_score is not null then 'F'
        end as health_grade,
        coalesce(gap_counts.open_gap_count, 0) as open_gap_count,
        coalesce(gap_counts.critical_gap_count, 0) as critical_gap_count,
        coalesce(gap_counts.high_gap_count, 0) as high_gap_count,
        coalesce(gap_counts.waived_gap_count, 0) as waived_gap_count,
        gap_counts.worst_gap_type,
        mine.is_mine,
        mine.mine_reason,
        facts.lifecycle <> 'unstated' as is_deprecated,
        facts.inline_test_lines,
    from projects
    cross join as_of_day
    left join terms using (project_id)
    left join gap_counts using (project_id)
    left join facts using (project_id)
    left join mine using (project_id)
)

select * from final
