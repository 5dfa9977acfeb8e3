with crawls as (
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

-- One row per root. When it was looked at last is not here: most looks find nothing new.
final as (
    select
        crawls.root_path,
        min(crawls.landed_at) filter (where crawls.state = 'complete') as first_crawled_at,
    from crawls
    left join newest_events on newest_events.path = crawls.root_path
    where newest_events.event is distinct from 'forgotten'
    group by crawls.root_path
)

select * from final
