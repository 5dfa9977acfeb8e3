with events as (
    select * from {{ ref('stg_observe__finding_events') }}
),

folded as (
    select
        finding_id,
        max_by(events, run_seq) as newest,
        max_by(observed_at, run_seq) filter (where kind in ('opened', 'reopened')) as opened_at,
        count(*) filter (where kind = 'reopened') as reopened_count,
    from events
    group by finding_id
),

-- one row per finding that a published build ever saw: its last event and last opening
final as (
    select
        finding_id,
        newest.kind <> 'closed' as is_open,
        -- If a clock was set back, no finding closes before it opened.
        greatest(newest.observed_at, opened_at) as observed_at,
        opened_at,
        reopened_count,
        newest.fingerprint as fingerprint,
        newest.gap_type as gap_type,
        newest.severity as severity,
        newest.scope as scope,
        newest.project_id as project_id,
        newest.project_path as project_path,
        newest.subject as subject,
        newest.impact_score as impact_score,
        newest.confidence_ratio as confidence_ratio,
        newest.evidence as evidence,
        newest.recommended_action as recommended_action,
        newest.rule_version as rule_version,
        newest.threshold_hash as threshold_hash,
        newest.subject_run_id as subject_run_id,
    from folded
)

select * from final
