{{ config(materialized='view') }}
with actions as (
    select * from {{ ref('int_actions__scored') }}
),

terms (term) as (
    values ('impact'), ('freshness_penalty'), ('dependency_weight'), ('confidence')
),

directions (direction) as (
    values (-1), (1)
),

-- one row per term of the priority and direction: the change of the weight of the term
moves as (
    select
        terms.term,
        directions.direction * {{ weight('sensitivity_step') }} as weight_change,
    from terms
    cross join directions
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

-- one row per candidate, term and direction; those outside the queue may move into it
final as (
    select
        *,
        row_number() over (
            partition by term, weight_change order by changed_priority desc, action_id
        ) as changed_rank,
    from moved
)

select * from final
