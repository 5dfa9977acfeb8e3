with on_waivers as (
    {{ verdicts_of(rule_models(on_waivers=true)) }}
),

verdicts as (
    select * from {{ ref('int_gaps__judged') }}

    union all by name

    select
        {{ finding_id('on_waivers') }} as finding_id,
        on_waivers.*,
    from on_waivers
),

rules as (
    select * from {{ ref('int_rules__effective') }}
),

-- one row per rule and subject, whatever the verdict
final as (
    select
        verdicts.finding_id,
        sha256(concat_ws(chr(31), verdicts.gap_type, verdicts.project_id, verdicts.subject))
            as fingerprint,
        verdicts.* exclude (finding_id),
        round(verdicts.stake * rules.weight, 3) as impact_score,
        rules.severity,
        rules.scope,
        rules.rule_version,
        rules.threshold_hash,
    from verdicts
    inner join rules using (gap_type)
)

select * from final
