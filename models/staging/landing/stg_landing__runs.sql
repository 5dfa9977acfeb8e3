with landed as (
    select * from {{ source('landed', 'runs') }}
),

as_of as (
    select * from {{ ref('as_of') }}
),

final as (
    select
        landed.*,
        -- Only numbers order runs. If a clock ran ahead, the time of a later run also bounds this
        -- one.
        coalesce(
            first_value(
                case when landed.ended_at <= as_of.as_of then landed.ended_at end ignore nulls
            ) over (
                order by landed.run_seq rows between current row and unbounded following
            ),
            as_of.as_of
        ) as believed_at,
    from landed
    cross join as_of
    -- With an explicit as_of, runs that had not ended by then are not covered.
    where not as_of.is_explicit or landed.ended_at <= as_of.as_of
)

select * from final
