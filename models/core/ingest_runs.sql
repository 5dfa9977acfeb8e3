with runs as (
    select * from {{ ref('stg_landing__runs') }}
),

rejects as (
    select run_id, count(*) as rejected_count
    from {{ ref('stg_landing__rejects') }}
    group by run_id
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
        coalesce(rejects.rejected_count, 0) as rejected_count,
        masked_count,
    from runs
    left join rejects using (run_id)
)

select * from final
