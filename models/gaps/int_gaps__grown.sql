{{ config(materialized='ephemeral') }}
with failing as (
    select * from {{ ref('int_gaps__failing') }}
),

memory as (
    select * from {{ ref('int_memory__findings') }}
),

-- One row per open finding that has grown since its last event: a rise in many small steps is a
-- growth too.
final as (
    select
        'grown' as kind,
        failing.*,
        failing.run_id as subject_run_id,
    from failing
    inner join memory using (finding_id)
    where
        memory.is_open
        and failing.impact_score >= memory.impact_score + {{ weight('growth_min_impact') }}
)

select * from final
