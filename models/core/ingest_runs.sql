with runs as (
    select * from {{ ref('stg_landing__runs') }}
),

rejects as (
    select run_id, count(*) as rejected_count
    from {{ ref('stg_landing__rejects') }}
    group by run_id
),

landings as (
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
        'landing' as origin,
    from runs
    left join rejects using (run_id)
),

scripts as (
    select
        run_id,
        'script' as action,
        status,
        started_at,
        ended_at,
        coalesce(duration_seconds, {{ seconds_between('started_at', 'ended_at') }})
            as duration_seconds,
        error as error_message,
        argv,
        code_ref,
        config_hash,
        parent_run_id,
        'script' as origin,
        tenant_id,
        stage,
        rows_in,
        rows_out,
        llm_calls,
        tokens,
        attrs,
        trace_id,
        span_id,
        parent_span_id,
        host,
        working_directory,
        exit_code,
        cpu_seconds,
        max_rss_bytes,
        output_sha256,
        output_bytes,
        inputs,
        outputs,
    from {{ ref('int_landing__script_runs') }}
),

final as (
    select * from landings
    union all by name
    select * from scripts
)

select * from final
