with metrics as (
    select * from {{ ref('int_metrics__weekly') }}
),

final as (
    select
        week_start,
        metric,
        cast(value as double) as value,
        cast(change as double) as change,
        cast(numerator as bigint) as numerator,
        cast(denominator as bigint) as denominator,
        month_start,
        source_run_id,
    from metrics
)

select * from final
