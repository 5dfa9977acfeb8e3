{{ config(materialized='ephemeral') }}
with moves as (
    select * from {{ ref('int_structure__moves') }}
),

newest_arrivals as (
    select
        to_path as path,
        max_by(moves, run_seq) as move,
    from moves
    group by to_path
),

newest_departures as (
    select
        from_path as path,
        max(run_seq) as run_seq,
    from moves
    group by from_path
),

natives as (
    select
        first_path as path,
        max(native_number) as native_count,
    from moves
    group by first_path
),

-- In one crawl, the old project leaves a place before a new one arrives.
places as (
    select
        path,
        newest_arrivals.move,
        newest_departures.run_seq as left_seq,
        coalesce(newest_arrivals.move.run_seq >= newest_departures.run_seq, left_seq is null)
            as has_visitor,
    from newest_arrivals
    full join newest_departures using (path)
),

-- since when another project has been at a place that one left
returns as (
    select
        places.path,
        min(directories.landed_at) as first_seen,
    from places
    inner join {{ ref('stg_crawl__directories') }} as directories
        on directories.path = places.path
        and directories.run_seq >= places.left_seq
        and directories.state = 'listed'
    group by places.path
),

-- One row per place that a project left or reached by a move: the project at it since then, or the
-- next one.
final as (
    select
        places.path,
        case when has_visitor then places.move.first_path else places.path end as first_path,
        case
            when has_visitor then places.move.native_number
            else coalesce(natives.native_count, 0) + 1
        end as native_number,
        case when has_visitor then places.move.first_seen else returns.first_seen end as first_seen,
        -- Another project is only there if it was seen in this crawl or later.
        case when not has_visitor then places.left_seq end as empty_since_seq,
    from places
    left join natives using (path)
    left join returns using (path)
)

select * from final
