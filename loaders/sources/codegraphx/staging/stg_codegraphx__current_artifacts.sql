-- A table, because all other staging models of this folder read it.
{{ config(materialized='table', schema='internal') }}
with states as (
    select * from {{ ref('stg_codegraphx__artifacts') }}
),

-- the newest event of each registered path: added or forgotten
sources as (
    select
        path,
        max_by(event, run_seq) as event,
    from {{ ref('stg_decisions__source_events') }}
    where kind in ('codegraphx', 'catalog')
    group by path
),

-- An artifact below several registered paths stays until all of them are forgotten.
forgotten as (
    select states.artifact_path
    from states
    inner join sources on {{ is_beneath('states.artifact_path', 'sources.path') }}
    group by states.artifact_path
    having bool_and(sources.event = 'forgotten')
),

latest as (
    select
        artifact_path,
        max_by(states, run_seq) as newest,
        max_by(states, run_seq) filter (where state = 'landed') as good,
        min(landed_at) as first_seen,
    from states
    where artifact_path not in (select artifact_path from forgotten)
    group by artifact_path
),

-- one row per artifact: its newest state, and the last run that landed it
final as (
    select
        cast(row_number() over (order by artifact_path) as integer) as artifact_number,
        artifact_path,
        newest.path_bytes as path_bytes,
        coalesce(good.kind, newest.kind) as kind,
        newest.state as state,
        newest.reason as reason,
        newest.run_id as newest_run_id,
        newest.run_seq as newest_run_seq,
        coalesce(good, newest).checkout_path as checkout_path,
        good.run_id as run_id,
        good.run_seq as run_seq,
        good.landed_at as landed_at,
        good.sha256 as sha256,
        good.size_bytes as size_bytes,
        good.mtime_ns as mtime_ns,
        -- A time outside the range of a timestamp is unknown; it must not fail the whole table.
        try(cast(make_timestamp_ns(good.mtime_ns) as timestamp)) as mtime,
        good.row_count as row_count,
        good.quarantined_count as quarantined_count,
        good.variant as variant,
        first_seen,
    from latest
)

select * from final
