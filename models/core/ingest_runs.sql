with runs as (
    select * from {{ ref('stg_landing__runs') }}
),

final as (
    select
        run_id,
        run_seq,
        action,
        status,
        started_at,
        ended_at,
        duration_seconds,
        discovered,
        landed,
        unchanged,
        skipped,
        quarantined,
        error_count,
        error_message,
        argv,
        tool_version,
        code_ref,
        config_hash,
        parent_run_id,
        artifact_path,
    from runs
)

select * from final
