with observed as (
    select * from {{ ref('int_metrics__observed') }}
),

turnover as (
    select * from {{ ref('int_metrics__turnover') }}
),

waits as (
    select * from {{ ref('int_metrics__waits') }}
),

every_metric as (
    select * from observed

    union all by name

    select * from turnover

    union all by name

    select *, 'median_hours_to_queue' as metric from waits
),

-- one row per metric and week with a value, and its change since the previous such week
final as (
    select
        week_start,
        metric,
        value,
        value - lag(value) over earlier as change,
        numerator,
        denominator,
        cast(date_trunc('month', week_start) as date) as month_start,
        run_id as source_run_id,
    from every_metric
    window earlier as (partition by metric order by week_start)
)

select * from final
