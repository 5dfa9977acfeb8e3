with recursive moves as (
    select
        recognised.*,
        crawls.run_id,
        crawls.landed_at as moved_at,
    from {{ ref('int_structure__recognised_moves') }} as recognised
    inner join {{ ref('int_structure__changed_crawls') }} as crawls using (run_seq)
),

-- In one crawl, the old project leaves a place before a new one arrives.
ends as (
    select from_path as path, run_seq, true as has_left from moves

    union all

    select to_path as path, run_seq, false as has_left from moves
),

-- A project that did not come to a place by a move is native there.
departures as (
    select
        path,
        run_seq,
        coalesce(lag(has_left) over earlier, true) as is_native,
        lag(run_seq) over earlier as previous_seq,
    from ends
    window earlier as (partition by path order by run_seq, not has_left)
    qualify has_left
),

left_places as (
    select
        moves.*,
        departures.is_native,
        departures.previous_seq,
        count(*) filter (where departures.is_native) over (
            partition by moves.from_path order by moves.run_seq
        ) as native_number,
    from moves
    inner join departures
        on departures.path = moves.from_path and departures.run_seq = moves.run_seq
),

seen as (
    select path, run_seq, landed_at
    from {{ ref('stg_crawl__repositories') }}
    where state <> 'gone'

    union all

    select files.directory_path as path, files.run_seq, files.landed_at
    from {{ ref('stg_crawl__files') }} as files
    inner join {{ ref('manifest_files') }} as manifest_files
        on manifest_files.file_name = files.name
    where files.state in ('present', 'unreadable')
),

first_looks as (
    select
        left_places.from_path,
        left_places.run_seq,
        min(seen.landed_at) as first_seen,
    from left_places
    inner join seen
        on seen.path = left_places.from_path
        and seen.run_seq >= coalesce(left_places.previous_seq, 0)
        and seen.run_seq < left_places.run_seq
    where left_places.is_native
    group by left_places.from_path, left_places.run_seq
),

-- One row per move, with the place at which its project was first seen, the number of the project
-- among those that were first seen there, and since when it had been at the place that it left.
final as (
    select
        left_places.* exclude (is_native, native_number),
        left_places.from_path as first_path,
        left_places.native_number as native_number,
        first_looks.first_seen,
        first_looks.first_seen as used_from,
    from left_places
    left join first_looks using (from_path, run_seq)
    where left_places.is_native

    union all

    select
        left_places.* exclude (is_native, native_number),
        final.first_path,
        final.native_number,
        final.first_seen,
        final.moved_at as used_from,
    from final
    inner join left_places
        on left_places.from_path = final.to_path
        and left_places.previous_seq = final.run_seq
        and not left_places.is_native
)

select * from final
