with signals as (
    select * from {{ ref('int_roles__signals') }}
),

final as (
    select
        file_id,
        project_id,
        project_path,
        file_path,
        part,
        signal,
        signal_count,
        first_line,
        strength,
        run_id as source_run_id,
    from signals
)

select * from final
