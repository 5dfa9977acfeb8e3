-- A table: what it is made of are landed events, which a published view does not reach.
{{ config(materialized='table') }}
with as_of as (
    select * from {{ ref('as_of') }}
),

history as (
    select *, date_trunc('week', observed_at) as week_start
    from {{ ref('v_gap_history') }}
),

observed as (
    select week_start, metric, value, numerator, denominator, run_id, run_seq
    from {{ ref('stg_observe__metric_observations') }}

    union all by name

    -- What this build sees is landed when it is published.
    select week_start, metric, value, numerator, denominator
    from {{ ref('int_memory__metric_changes') }}
),

-- what was last seen in a week counts for it; this build sees last
states as (
    select
        week_start,
        metric,
        max_by(observed, coalesce(run_seq, 9223372036854775807)) as newest,
    from observed
    group by week_start, metric
),

-- every week since the first event: one in which nothing opened or closed counts 0
weeks as (
    select cast(unnest(generate_series(
        (select min(week_start) from history),
        (select date_trunc('week', as_of) from as_of),
        interval 7 days
    )) as date) as week_start
),

turns as (
    select
        weeks.week_start,
        turn.metric,
        count(history.finding_id) as value,
        max(history.source_run_id) as run_id,
    from weeks
    cross join (
        values ('high_gaps_opened', ['opened', 'reopened']), ('high_gaps_closed', ['closed'])
    ) as turn (metric, kinds)
    left join history
        on history.week_start = weeks.week_start
        and list_contains(turn.kinds, history.kind)
        and history.severity in ('high', 'critical')
    group by weeks.week_start, turn.metric
),

entries as (
    select observed_at, finding_ids, subject_run_id from {{ ref('stg_observe__action_events') }}
    where kind = 'entered'

    union all

    select observed_at, finding_ids, subject_run_id from {{ ref('int_actions__changes') }}
    where kind = 'entered'
),

queued_findings as (
    select
        observed_at,
        subject_run_id,
        unnest(from_json(finding_ids, '["varchar"]')) as finding_id,
    from entries
),

-- a spell of a finding, and when an action of the queue first held it
waits as (
    select
        history.finding_id,
        history.observed_at,
        min(queued_findings.observed_at) as queued_at,
        min(queued_findings.subject_run_id) as run_id,
    from history
    inner join queued_findings
        on queued_findings.finding_id = history.finding_id
        and queued_findings.observed_at >= history.observed_at
    where history.kind <> 'closed'
    group by history.finding_id, history.observed_at
),

hours as (
    select
        cast(date_trunc('week', queued_at) as date) as week_start,
        median(date_sub('second', observed_at, queued_at) / 3600.0) as value,
        max(run_id) as run_id,
    from waits
    group by 1
),

every_metric as (
    select week_start, metric, newest.value as value, newest.numerator, newest.denominator, newest.run_id from states

    union all by name

    select week_start, metric, value, run_id from turns

    union all by name

    select week_start, 'median_hours_to_queue' as metric, value, run_id from hours
),

final as (
    select
        week_start,
        metric,
        cast(value as double) as value,
        cast(value - lag(value) over earlier as double) as change,
        cast(numerator as bigint) as numerator,
        cast(denominator as bigint) as denominator,
        cast(date_trunc('month', week_start) as date) as month_start,
        run_id as source_run_id,
    from every_metric
    window earlier as (partition by metric order by week_start)
)

select * from final
