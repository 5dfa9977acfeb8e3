with rules as (
    select * from {{ ref('int_rules__effective') }}
),

as_of as (
    select * from {{ ref('as_of') }}
),

-- A rule that was removed has neither version nor hash. As members of a row, NULLs count.
last_observed as (
    select
        gap_type,
        max_by(observations, observations.run_seq) as newest,
    from {{ ref('stg_observe__rule_observations') }} as observations
    group by gap_type
),

-- one row per rule that differs from its last observation, removed ones included; the first
-- observation is not a change
final as (
    select
        gap_type,
        rules.rule_version,
        rules.threshold_hash,
        as_of.as_of as observed_at,
        (select count(*) > 0 from last_observed) as is_change,
    from rules
    full join last_observed using (gap_type)
    cross join as_of
    where
        last_observed.newest.rule_version is distinct from rules.rule_version
        or last_observed.newest.threshold_hash is distinct from rules.threshold_hash
)

select * from final
