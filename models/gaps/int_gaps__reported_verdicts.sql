{{ config(materialized='ephemeral') }}
with verdicts as (
    select * from {{ ref('int_gaps__verdicts') }}
),

failing as (
    select finding_id, because from {{ ref('int_gaps__failing') }}
),

-- one row per rule and subject, with the reason of a fail
final as (
    select
        verdicts.finding_id,
        verdicts.gap_type,
        verdicts.project_id,
        verdicts.project_path,
        verdicts.subject,
        verdicts.verdict,
        verdicts.confidence_ratio,
        failing.because as reason,
        verdicts.evidence,
        verdicts.facts_at,
        verdicts.run_id,
    from verdicts
    left join failing using (finding_id)
)

select * from final
