with verdicts as (
    select * from {{ ref('int_gaps__reported_verdicts') }}
),

final as (
    select
        finding_id,
        gap_type,
        project_id,
        project_path,
        subject,
        verdict,
        confidence_ratio,
        reason,
        evidence,
        facts_at,
        run_id as source_run_id,
    from verdicts
)

select * from final
