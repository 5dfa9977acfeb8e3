with findings as (
    select * from {{ ref('gap_findings') }}
    where status in ('open', 'waived')
),

final as (
    select
        finding_id,
        gap_type,
        severity,
        scope,
        project_id,
        project_path,
        subject,
        impact_score,
        confidence_ratio,
        evidence,
        recommended_action,
        first_seen,
        last_seen,
        age_days,
        status,
        reopened_count,
        waiver_reason,
        waiver_owner,
        waiver_expires_on,
        source_run_id,
    from findings
)

select * from final
