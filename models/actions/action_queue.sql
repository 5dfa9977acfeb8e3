with queue as (
    select * from {{ ref('int_actions__queue') }}
),

memory as (
    select * from {{ ref('int_memory__actions') }}
),

changes as (
    select * from {{ ref('int_actions__changes') }}
),

as_of as (
    select * from {{ ref('as_of') }}
),

queued as (
    select
        queue.*,
        'queued' as status,
        cast(null as varchar) as owner,
        coalesce(case when memory.is_queued then memory.entered_at end, as_of.as_of) as queued_at,
        coalesce(case when memory.is_queued then memory.updated_at end, as_of.as_of) as updated_at,
    from queue
    cross join as_of
    left join memory using (action_id)
),

-- an action that left the queue before, or with this build
ended as (
    select * exclude (kind, observed_at, subject_run_id), subject_run_id as source_run_id
    from changes
    where kind = 'left'

    union all by name

    select
        * exclude (
            kind, run_id, run_seq, landed_at, is_queued, entered_at, observed_at, subject_run_id
        ),
        subject_run_id as source_run_id,
    from memory
    where not is_queued and action_id not in (select action_id from queue)
),

every_action as (
    select * from queued

    union all by name

    select * from ended
),

final as (
    select
        cast(rank as bigint) as rank,
        action_id,
        action_type,
        title,
        project_id,
        project_path,
        subject,
        priority,
        impact,
        freshness_penalty,
        dependency_weight,
        confidence,
        cast(finding_count as bigint) as finding_count,
        rationale,
        command_argv,
        command,
        status,
        owner,
        queued_at,
        updated_at,
        source_run_id,
        command_cwd,
        command_effect,
        finding_ids,
    from every_action
)

select * from final
