with rejects as (
    select * from {{ ref('int_landing__rejects') }}
),

final as (
    select
        reject_id,
        source,
        table_name,
        reason,
        place,
        row_count,
        landed_at,
        source_run_id,
    from rejects
)

select * from final
