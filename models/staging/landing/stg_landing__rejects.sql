with landed as (
    select * from {{ source('landed', 'rejects') }}
),

every_run as (
    select * from {{ source('landed', 'runs') }}
),

runs as (
    select * from {{ ref('stg_landing__runs') }}
),

final as (
    select
        landed.table_name,
        landed.source,
        landed.reason,
        landed.place,
        runs.run_id,
        runs.believed_at as landed_at,
    from landed
    left join runs using (run_id)
    -- Rows of runs that this build does not cover are left out; a row without a run has no time.
    where
        runs.run_id is not null
        or landed.run_id is null
        or landed.run_id not in (select run_id from every_run)
)

select * from final
