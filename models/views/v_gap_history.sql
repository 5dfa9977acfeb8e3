with events as (
    select * from {{ ref('int_gaps__finding_events') }}
),

final as (
    select
        finding_id,
        event_number,
        kind,
        cause,
        observed_at,
        days_before,
        gap_type,
        severity,
        scope,
        project_id,
        project_path,
        subject,
        impact_score,
        impact_change,
        confidence_ratio,
        evidence,
        recommended_action,
        rule_version,
        threshold_hash,
        source_run_id,
    from events
)

select * from final
