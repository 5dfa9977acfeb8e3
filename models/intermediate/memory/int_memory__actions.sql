with events as (
    select * from {{ ref('stg_observe__action_events') }}
),

folded as (
    select
        action_id,
        max_by(events, run_seq) as newest,
        max_by(observed_at, run_seq) filter (where kind = 'entered') as entered_at,
    from events
    group by action_id
),

-- one row per action that a published build ever queued: its last event
final as (
    select
        newest.kind = 'entered' as is_queued,
        entered_at,
        -- The members of the event become columns.
        unnest(newest),  -- noqa: AL03
    from folded
)

select * from final
