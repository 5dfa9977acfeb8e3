with looks as (
    select * from {{ ref('stg_crawl__roots') }}
),

-- the newest word on a root: added or forgotten
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
        max_by(looks.profile, looks.run_seq) as profile,
        max_by(looks.state, looks.run_seq) as last_state,
        max_by(looks.reason, looks.run_seq) as last_reason,
        min(looks.landed_at) filter (where looks.state = 'complete') as first_crawled_at,
        max(looks.landed_at) filter (where looks.state = 'complete') as last_crawled_at,
        max_by(looks.run_id, looks.run_seq) filter (where looks.state = 'complete') as last_complete_run_id,
        max(looks.run_seq) filter (where looks.state = 'complete') as last_complete_run_seq,
    from looks
    left join newest_events on newest_events.path = looks.root_path
    where newest_events.event is distinct from 'forgotten'
    group by looks.root_path
)

select * from final
