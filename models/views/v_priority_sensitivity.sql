with moved as (
    select * from {{ ref('int_actions__sensitivity') }}
),

queue as (
    select * from {{ ref('v_next_actions') }}
),

final as (
    select
        queue.action_id,
        moved.term,
        moved.weight_change,
        queue.title,
        queue.project_id,
        queue.project_path,
        queue.rank,
        moved.changed_rank,
        -- above 0: further up
        queue.rank - moved.changed_rank as rank_change,
        queue.priority,
        moved.changed_priority,
        queue.source_run_id,
    from moved
    inner join queue using (action_id)
)

select * from final
order by rank, term, weight_change
