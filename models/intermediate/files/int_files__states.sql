with states as (
    select * from {{ ref('stg_crawl__files') }}
),

-- a path as last landed, with when it was first there
latest as (
    select
        path,
        max_by(states, run_seq) as newest,
        min(landed_at) filter (where state in ('present', 'unreadable')) as first_seen,
    from states
    group by path
),

final as (
    select
        latest.path,
        latest.newest.directory_path as directory_path,
        latest.newest.name as name,
        latest.newest.path_bytes as path_bytes,
        latest.newest.state as state,
        latest.newest.reason as reason,
        latest.newest.kind as kind,
        latest.newest.size_bytes as size_bytes,
        latest.newest.mtime as mtime,
        latest.newest.sha256 as sha256,
        latest.newest.line_count as line_count,
        latest.newest.is_binary as is_binary,
        latest.newest.tags as tags,
        latest.newest.run_id as run_id,
        latest.first_seen,
    from latest
)

select * from final
