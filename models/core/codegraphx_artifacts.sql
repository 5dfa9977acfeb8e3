with artifacts as (
    select * from {{ ref('int_codegraphx__dated_artifacts') }}
),

final as (
    select
        artifact_path,
        kind,
        state,
        reason,
        variant,
        checkout_path,
        sha256,
        size_bytes,
        row_count,
        quarantined_count,
        mtime,
        produced_at,
        is_there,
        first_seen,
        source_run_id,
        path_bytes,
    from artifacts
)

select * from final
