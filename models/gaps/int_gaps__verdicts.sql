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

levels (names) as (
    values (['low', 'medium', 'high', 'critical'])
),

-- the steps by which the severity of a rule is lower if the project is not the user's own
quiet as (
    select
        gap_type,
        cast(value as integer) as steps,
    from {{ ref('int_rules__thresholds') }}
    where threshold = 'others_severity_steps'
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
        -- A finding in a project of others is less severe.
        levels.names[greatest(
            1,
            list_position(levels.names, rules.severity)
            - case when mine.is_mine is false then coalesce(quiet.steps, 0) else 0 end
        )] as severity,
        rules.scope,
        rules.rule_version,
        rules.threshold_hash,
    from verdicts
    inner join rules using (gap_type)
    cross join levels
    left join quiet using (gap_type)
    left join {{ ref('int_git__mine') }} as mine on mine.project_id = verdicts.project_id
)

select * from final
