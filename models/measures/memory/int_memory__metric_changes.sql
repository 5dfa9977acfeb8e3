with as_of as (
    select
        as_of,
        cast(date_trunc('week', as_of) as date) as week_start,
    from {{ ref('as_of') }}
),

projects as (
    select * from {{ ref('int_structure__projects') }}
    where not is_gone and kind <> 'loose_files'
),

coverage as (
    select * from {{ ref('int_coverage__project_sources') }}
    where not is_gone and kind <> 'loose_files'
),

fresh_projects as (
    select project_id
    from coverage
    group by project_id
    having bool_and(coalesce(is_fresh, false))
),

-- one row per metric now, a ratio with its two counts
measures as (
    select
        'projects_with_fresh_scan' as metric,
        count(*) filter (where project_id in (select project_id from fresh_projects)) as numerator,
        count(*) as denominator,
    from projects

    union all

    select
        'tracked_files_in_scan' as metric,
        count(*) filter (where is_tracked and state = 'present') as numerator,
        count(*) filter (where is_tracked) as denominator,
    from {{ ref('int_files__current') }}

    union all

    select
        'coverage_ratio ' || scan_source as metric,
        sum(files_scanned) as numerator,
        sum(files_eligible) as denominator,
    from coverage
    group by scan_source
),

last_observed as (
    select
        week_start,
        metric,
        max_by(numerator, run_seq) as numerator,
        max_by(denominator, run_seq) as denominator,
    from {{ ref('stg_observe__metric_observations') }}
    group by week_start, metric
),

-- one row per metric that differs from its last observation this week; publishing lands them
final as (
    select
        as_of.week_start,
        measures.metric,
        measures.numerator / nullif(measures.denominator, 0) as value,
        cast(measures.numerator as bigint) as numerator,
        cast(measures.denominator as bigint) as denominator,
        as_of.as_of as observed_at,
    from measures
    cross join as_of
    left join last_observed using (week_start, metric)
    where
        last_observed.metric is null
        or last_observed.numerator is distinct from measures.numerator
        or last_observed.denominator is distinct from measures.denominator
)

select * from final
