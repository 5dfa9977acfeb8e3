with verdicts as (
    select * from {{ ref('int_gaps__judged') }}

    union all by name

    select
        {{ finding_id('on_waivers') }} as finding_id,
        on_waivers.*,
        -- Here for all rules; few say it of themselves.
        false as settles_project,
    from {{ ref('gap_waiver_needs_review') }} as on_waivers
),

rules as (
    select * from {{ ref('int_rules__effective') }}
),

-- one row per rule and subject, whatever the verdict
final as (
    select
        verdicts.finding_id,
        sha256(concat_ws(chr(31), verdicts.gap_type, verdicts.project_id, verdicts.subject)) as fingerprint,
        verdicts.* exclude (finding_id),
        round(verdicts.stake * rules.weight, 3) as impact_score,
        rules.severity,
        gap_rules.scope,
        rules.rule_version,
        rules.threshold_hash,
        coalesce(verdicts.advice, rules.remedy) as recommended_action,
    from verdicts
    inner join rules using (gap_type)
    inner join {{ ref('gap_rules') }} as gap_rules using (gap_type)
)

select * from final
