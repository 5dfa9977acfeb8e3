with rules as (
    select * from {{ ref('gap_rules') }}
),

hashes as (
    select
        gap_type,
        {{ hash_id(["string_agg(threshold || '=' || cast(value as varchar), ',' order by threshold)"]) }}
            as threshold_hash,
    from {{ ref('int_rules__thresholds') }}
    group by gap_type
),

-- one row per rule as this build applies it
final as (
    select
        rules.gap_type,
        rules.severity,
        rules.weight,
        rules.remedy,
        rules.title,
        cast(rules.version as varchar) as rule_version,
        -- Severity and weight are numbers of the rule too: what they change is no change of the world.
        {{ hash_id(['hashes.threshold_hash', 'rules.severity', 'cast(rules.weight as varchar)']) }}
            as threshold_hash,
    from rules
    left join hashes using (gap_type)
)

select * from final
