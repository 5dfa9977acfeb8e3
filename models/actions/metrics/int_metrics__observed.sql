{{ config(materialized='ephemeral') }}
with observations as (
    select * from {{ ref('stg_observe__metric_observations') }}
),

-- A change has no run until publishing lands it.
changes as (
    select * from {{ ref('int_memory__metric_changes') }}
),

observed as (
    select week_start, metric, value, numerator, denominator, run_id, run_seq
    from observations

    union all by name

    select week_start, metric, value, numerator, denominator
    from changes
),

newest as (
    select
        week_start,
        metric,
        max_by(observed, (run_seq is null, run_seq)) as observation,
    from observed
    group by week_start, metric
),

-- one row per week and metric: its last observation of the week
final as (
    select
        week_start,
        metric,
        -- A metric with two counts is their ratio. Older code landed another value for some.
        case
            when observation.denominator is null then observation.value
            else observation.numerator / nullif(observation.denominator, 0)
        end as value,
        observation.numerator as numerator,
        observation.denominator as denominator,
        observation.run_id as run_id,
    from newest
)

select * from final
