with verdicts as (
    select * from {{ ref('int_gaps__verdicts') }}
),

failing as (
    select * from {{ ref('int_gaps__failing') }}
),

memory as (
    select * from {{ ref('int_memory__findings') }}
),

as_of as (
    select * from {{ ref('as_of') }}
),

changed_rules as (
    select gap_type from {{ ref('int_memory__rule_changes') }}
    where is_change
),

-- an `unknown` verdict keeps the earlier findings of its rule in that project open
undecided as (
    select distinct gap_type, project_id
    from verdicts
    where verdict = 'unknown'
),

appeared as (
    select
        case when memory.finding_id is null then 'opened' else 'reopened' end as kind,
        failing.*,
        failing.run_id as subject_run_id,
    from failing
    left join memory using (finding_id)
    where not coalesce(memory.is_open, false)
),

disappeared as (
    select
        'closed' as kind,
        memory.* exclude (observed_at),
    from memory
    left join verdicts using (finding_id)
    left join undecided
        on undecided.gap_type = memory.gap_type
        and undecided.project_id is not distinct from memory.project_id
    where
        memory.is_open
        and (
            verdicts.verdict in ('pass', 'not_applicable')
            or (verdicts.verdict is null and undecided.gap_type is null)
        )
),

every_change as (
    select * from appeared

    union all by name

    select * from {{ ref('int_gaps__grown') }}

    union all by name

    select * from disappeared
),

-- one row per finding that this build sees open, close, come back or grow
final as (
    select
        every_change.finding_id,
        every_change.fingerprint,
        every_change.kind,
        every_change.gap_type,
        every_change.severity,
        every_change.scope,
        every_change.project_id,
        every_change.project_path,
        every_change.subject,
        every_change.impact_score,
        every_change.confidence_ratio,
        every_change.evidence,
        every_change.recommended_action,
        every_change.rule_version,
        every_change.threshold_hash,
        every_change.subject_run_id,
        case when changed_rules.gap_type is null then 'world' else 'rule_changed' end as cause,
        as_of.as_of as observed_at,
    from every_change
    cross join as_of
    left join changed_rules using (gap_type)
)

select * from final
