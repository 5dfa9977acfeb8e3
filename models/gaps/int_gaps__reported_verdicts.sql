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
        {{ of_crawl('facts_at') }} as facts_at,
        {{ of_crawl('run_id') }} as run_id,
    from verdicts
    left join {{ ref('int_structure__projects') }} as projects using (project_id)
    left join {{ ref('int_structure__project_crawls') }} as crawls using (project_id)
    left join failing using (finding_id)
)

select * from final
