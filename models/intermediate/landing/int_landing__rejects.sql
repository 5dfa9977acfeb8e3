with rejects as (
    select * from {{ ref('stg_landing__rejects') }}
),

-- one row per place of a run with the same fault
final as (
    select
        {{ hash_id(['table_name', 'run_id', 'reason', 'place']) }} as reject_id,
        source,
        table_name,
        reason,
        place,
        count(*) as row_count,
        min(landed_at) as landed_at,
        run_id as source_run_id,
    from rejects
    group by source, table_name, reason, place, run_id
)

select * from final
