with as_of as (
    select * from {{ ref('as_of') }}
),

every_waiver as (
    select
        gap_type,
        subject_pattern,
        reason,
        owner,
        expires_on,
        run_seq as precedence,
    from {{ ref('stg_decisions__waiver_events') }}

    union all

    -- What was given on the command line wins over the seed.
    select
        gap_type,
        subject_pattern,
        reason,
        owner,
        expires_on,
        0 as precedence,
    from {{ ref('waivers') }}
),

-- a waiver that holds at as_of; `*` in gap_type means every rule
final as (
    select every_waiver.*
    from every_waiver
    cross join as_of
    where every_waiver.expires_on is null or every_waiver.expires_on >= cast(as_of.as_of as date)
)

select * from final
