-- A table: what it is made of are landed rows, which a published view does not reach.
{{ config(materialized='table') }}
with rejects as (
    select * from {{ ref('stg_landing__rejects') }}
),

-- one row per place of a run where the same is wrong
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
