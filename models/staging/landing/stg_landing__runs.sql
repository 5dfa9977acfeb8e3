with landed as (
    select * from {{ source('landed', 'runs') }}
),

as_of as (
    select * from {{ ref('as_of') }}
),

final as (
    select
        landed.*,
        -- A clock that ran ahead is not believed: only numbers order runs, so that what a later run
        -- says of the time held for this one, too.
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
    -- An explicit as_of is a look into the past: what had not ended by then had not happened.
    where not as_of.is_explicit or landed.ended_at <= as_of.as_of
)

select * from final
