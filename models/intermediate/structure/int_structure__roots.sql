with looks as (
    select * from {{ ref('stg_crawl__roots') }}
),

-- the newest event of a root: added or forgotten
newest_events as (
    select
        path,
        max_by(event, run_seq) as event,
    from {{ ref('stg_decisions__source_events') }}
    where kind = 'root'
    group by path
),

final as (
    select
        looks.root_path,
        min(looks.landed_at) filter (where looks.state = 'complete') as first_crawled_at,
        max(looks.landed_at) filter (where looks.state = 'complete') as last_crawled_at,
    from looks
    left join newest_events on newest_events.path = looks.root_path
    where newest_events.event is distinct from 'forgotten'
    group by looks.root_path
)

select * from final
