{{ config(materialized='ephemeral') }}
with as_of_day as (
    select * from {{ ref('as_of_day') }}
),

events as (
    select
        *,
        date_trunc('week', observed_at) as week_start,
    from {{ ref('int_gaps__finding_events') }}
),

-- every week since the first event, also those without any
weeks as (
    select cast(unnest(generate_series(
        (select min(events.week_start) from events),
        (select date_trunc('week', as_of_day.as_of_day) from as_of_day),
        interval 7 days
    )) as date) as week_start
),

counted_kinds (metric, kinds) as (
    values
    ('high_gaps_opened', ['opened', 'reopened']),
    ('high_gaps_closed', ['closed'])
),

-- one row per week and direction: how many findings of high severity opened or closed
final as (
    select
        weeks.week_start,
        counted_kinds.metric,
        count(events.finding_id) as value,
        max(events.source_run_id) as run_id,
    from weeks
    cross join counted_kinds
    left join events
        on events.week_start = weeks.week_start
        and list_contains(counted_kinds.kinds, events.kind)
        and events.severity in ('high', 'critical')
    group by weeks.week_start, counted_kinds.metric
)

select * from final
