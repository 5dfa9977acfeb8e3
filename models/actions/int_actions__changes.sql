with queue as (
    select * from {{ ref('int_actions__queue') }}
),

memory as (
    select * from {{ ref('int_memory__actions') }}
),

findings as (
    select * from {{ ref('gap_findings') }}
),

as_of as (
    select * from {{ ref('as_of') }}
),

entered as (
    select
        'entered' as kind,
        queue.* exclude (rank, source_run_id),
        queue.source_run_id as subject_run_id,
        'queued' as status,
        cast(null as varchar) as owner,
        as_of.as_of as queued_at,
        as_of.as_of as updated_at,
        as_of.as_of as observed_at,
    from queue
    cross join as_of
    left join memory using (action_id)
    where not coalesce(memory.is_queued, false)
),

remembered_findings as (
    select
        action_id,
        unnest(from_json(finding_ids, '["varchar"]')) as finding_id,
    from memory
    where is_queued and action_id not in (select action_id from queue)
),

-- the state of the findings of an action that is no longer queued
outcomes as (
    select
        remembered_findings.action_id,
        bool_and(coalesce(findings.status, 'resolved') = 'resolved') as are_resolved,
        bool_or(findings.status = 'waived') as is_waived,
    from remembered_findings
    left join findings using (finding_id)
    group by remembered_findings.action_id
),

left_queue as (
    select
        'left' as kind,
        memory.* exclude (
            kind, run_id, run_seq, landed_at, is_queued, entered_at, status, updated_at, observed_at
        ),
        case
            when outcomes.are_resolved then 'verified'
            when outcomes.is_waived then 'skipped'
            else 'cancelled'
        end as status,
        as_of.as_of as updated_at,
        as_of.as_of as observed_at,
    from memory
    inner join outcomes using (action_id)
    cross join as_of
),

-- one row per action that this build sees enter or leave the queue
final as (
    select * from entered

    union all by name

    select * from left_queue
)

select * from final
