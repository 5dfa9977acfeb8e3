with states as (
    select * from {{ ref('stg_crawl__directories') }}
),

roots as (
    select * from {{ ref('int_structure__roots') }} where first_crawled_at is not null
),

latest as (
    select
        path,
        max_by(states, run_seq) as newest,
        min(landed_at) filter (where state = 'listed') as first_seen,
    from states
    group by path
),

-- one row per directory below a root that is still a source: its latest state, gone ones included
final as (
    select
        latest.path,
        {{ parent_path('latest.path') }} as parent_path,
        {{ last_part('latest.path') }} as name,
        latest.newest.path_bytes as path_bytes,
        latest.newest.state as state,
        latest.newest.reason as reason,
        latest.newest.tree_digest as tree_digest,
        latest.newest.tree_file_count as tree_file_count,
        latest.newest.tree_nonempty_count as tree_nonempty_count,
        latest.newest.tree_size_bytes as tree_size_bytes,
        latest.newest.run_seq as run_seq,
        latest.newest.run_id as run_id,
        latest.first_seen,
        min(roots.root_path) as root_path,
    from latest
    inner join roots on {{ is_beneath('latest.path', 'roots.root_path') }}
    group by all
)

select * from final
