with landed as (
    select * from landed.runs
),

as_of as (
    select * from {{ ref('as_of') }}
),

final as (
    select landed.*
    from landed
    cross join as_of
    -- An explicit as_of is a look into the past: what had not ended by then had not happened.
    where not as_of.is_explicit or landed.ended_at <= as_of.as_of
)

select * from final
