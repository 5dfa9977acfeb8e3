with actions as (
    select * from {{ ref('int_actions__scored') }}
),

queue as (
    select * from {{ ref('v_next_actions') }}
),

-- a term of the priority, and by how much its weight moves
moves as (
    select
        terms.term,
        directions.direction * {{ weight('sensitivity_step') }} as weight_change,
    from (values ('impact'), ('freshness_penalty'), ('dependency_weight'), ('confidence')) as terms (term)
    cross join (values (-1), (1)) as directions (direction)
),

moved as (
    select
        actions.action_id,
        moves.term,
        moves.weight_change,
        cast(
            actions.priority + moves.weight_change * case moves.term
                when 'impact' then actions.impact
                when 'freshness_penalty' then actions.freshness_penalty
                when 'dependency_weight' then actions.dependency_weight
                else actions.confidence
            end as decimal(7, 3)
        ) as changed_priority,
    from actions
    cross join moves
),

-- What is not in the queue moves as well, and may move in.
ranked as (
    select
        *,
        row_number() over (
            partition by term, weight_change order by changed_priority desc, action_id
        ) as changed_rank,
    from moved
),

-- one row per queued action, term and direction
final as (
    select
        queue.action_id,
        ranked.term,
        ranked.weight_change,
        queue.title,
        queue.project_id,
        queue.project_path,
        queue.rank,
        ranked.changed_rank,
        -- above 0: further up
        queue.rank - ranked.changed_rank as rank_change,
        queue.priority,
        ranked.changed_priority,
        queue.source_run_id,
    from ranked
    inner join queue using (action_id)
)

select * from final
order by rank, term, weight_change
