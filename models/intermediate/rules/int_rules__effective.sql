{%- set digest -%}
coalesce(seeds.digest, error(
    'seeds/gap_rules.csv: further_seeds of ' || further_seeds.gap_type || ' names '
    || further_seeds.seed_name || ', which is not a seed'
))
{%- endset -%}
with rules as (
    select * from {{ ref('gap_rules') }}
),

threshold_hashes as (
    select
        gap_type,
        {{ hash_id([
            "string_agg(threshold || '=' || cast(value as varchar), ',' order by threshold)",
        ]) }} as threshold_hash,
    from {{ ref('int_rules__thresholds') }}
    group by gap_type
),

further_seeds as (
    select
        gap_type,
        unnest(string_split(further_seeds, ' ')) as seed_name,
    from rules
),

seed_hashes as (
    select
        further_seeds.gap_type,
        {{ hash_id([
            "string_agg(" ~ digest ~ ", ',' order by further_seeds.seed_name)",
        ]) }} as seed_hash,
    from further_seeds
    left join {{ source('landed', 'seeds') }} as seeds using (seed_name)
    group by further_seeds.gap_type
),

-- one row per rule as this build applies it
final as (
    select
        rules.gap_type,
        rules.severity,
        rules.scope,
        rules.weight,
        rules.remedy,
        rules.title,
        -- The version of an own rule is its query.
        cast(rules.version as varchar)
        || coalesce('-' || substr(own_rules.digest, 1, 8), '') as rule_version,
        -- A changed weight, or a seed that decides which file is a test, changes the rule and not
        -- the world.
        {{ hash_id([
            'threshold_hashes.threshold_hash',
            'rules.severity',
            'cast(rules.weight as varchar)',
            'seed_hashes.seed_hash',
        ]) }} as threshold_hash,
    from rules
    left join threshold_hashes using (gap_type)
    left join seed_hashes using (gap_type)
    left join {{ source('landed', 'own_rules') }} as own_rules on own_rules.name = rules.gap_type
)

select * from final
