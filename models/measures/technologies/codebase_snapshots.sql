with landed as (
    select * from {{ ref('stg_observe__technology_snapshots') }}
),

changes as (
    select * from {{ ref('int_technologies__snapshot_changes') }}
),

snapshots as (
    select * from landed

    union all by name

    select * from changes
),

-- one row per landed snapshot, and per change that the publication of this build lands
final as (
    select
        project_id as codebase_id,
        snapshot_id,
        metadata,
        summary,
        detected_technologies,
        features,
        observed_at as inserted_at,
        subject_run_id as source_run_id,
    from snapshots
)

select * from final
