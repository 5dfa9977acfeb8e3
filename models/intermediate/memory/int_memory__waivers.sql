with as_of_day as (
    select * from {{ ref('as_of_day') }}
),

every_waiver as (
    select
        gap_type,
        subject_pattern,
        reason,
        note,
        owner,
        expires_on,
        happened_at as given_at,
        run_id,
        run_seq as precedence,
    from {{ ref('stg_decisions__waiver_events') }}

    union all

    -- A waiver from the command line wins over the seed.
    select
        gap_type,
        subject_pattern,
        reason,
        note,
        owner,
        case
            when coalesce(expires_on, '') <> 'never' then coalesce(
                try_cast(expires_on as date),
                error(
                    'seeds/waivers.csv: expires_on of ' || subject_pattern
                    || ' is neither a date (YYYY-MM-DD) nor never'
                )
            )
        end as expires_on,
        null as given_at,
        null as run_id,
        0 as precedence,
    from {{ ref('waivers') }}
),

-- the newest waiver for the same rule and pattern counts: it renews or withdraws earlier ones
newest as (
    select *
    from every_waiver
    qualify row_number() over (
        partition by gap_type, subject_pattern
        order by precedence desc, expires_on desc, reason, owner, note
    ) = 1
),

-- one row per waiver that was not withdrawn; `*` in gap_type means every rule
final as (
    select
        newest.*,
        -- One decision on a rule is one waiver, even if it has several patterns.
        {{ hash_id(['newest.gap_type', 'coalesce(newest.run_id, newest.subject_pattern)']) }}
            as waiver_id,
        newest.expires_on is null or newest.expires_on >= as_of_day.as_of_day as holds,
    from newest
    cross join as_of_day
    where newest.reason <> 'withdrawn'
)

select * from final
