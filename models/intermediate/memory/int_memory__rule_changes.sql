with rules as (
    select * from {{ ref('int_rules__effective') }}
),

as_of as (
    select * from {{ ref('as_of') }}
),

last_observed as (
    select
        gap_type,
        max_by(rule_version, run_seq) as rule_version,
        max_by(threshold_hash, run_seq) as threshold_hash,
    from {{ ref('stg_observe__rule_observations') }}
    group by gap_type
),

-- one row per rule that differs from its last observation; the first one is not a change
final as (
    select
        rules.gap_type,
        rules.rule_version,
        rules.threshold_hash,
        as_of.as_of as observed_at,
        (select count(*) > 0 from last_observed) as is_change,
    from rules
    cross join as_of
    left join last_observed using (gap_type)
    where
        last_observed.rule_version is distinct from rules.rule_version
        or last_observed.threshold_hash is distinct from rules.threshold_hash
)

select * from final
