with on_waivers as (
    {{ verdicts_of(rule_models(on_waivers=true)) }}
),

moved as (
    select project_id, project_path, first_path from {{ ref('int_structure__projects') }}
    where first_path <> project_path
),

verdicts as (
    select * from {{ ref('int_gaps__judged') }}

    union all by name

    select
        {{ finding_id('on_waivers', 'moved') }} as finding_id,
        {{ place_at_first('on_waivers.subject', 'moved') }} as subject_at_first,
        on_waivers.*,
    from on_waivers
    left join moved using (project_id)
),

rules as (
    select * from {{ ref('int_rules__effective') }}
    where severity <> 'off'
),

-- one row per rule and subject, whatever the verdict
final as (
    select
        verdicts.finding_id,
        sha256(
            concat_ws(chr(31), verdicts.gap_type, verdicts.project_id, verdicts.subject_at_first)
        ) as fingerprint,
        verdicts.* exclude (finding_id, subject_at_first),
        round(verdicts.stake * rules.weight, 3) as impact_score,
        rules.severity,
        rules.scope,
        rules.rule_version,
        rules.threshold_hash,
    from verdicts
    inner join rules using (gap_type)
)

select * from final
