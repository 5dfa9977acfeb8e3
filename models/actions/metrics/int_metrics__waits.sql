{{ config(materialized='ephemeral') }}
with events as (
    select * from {{ ref('int_gaps__finding_events') }}
    where kind <> 'closed'
),

entries as (
    select observed_at, finding_ids, subject_run_id
    from {{ ref('stg_observe__action_events') }}
    where kind = 'entered'

    union all

    select observed_at, finding_ids, subject_run_id
    from {{ ref('int_actions__changes') }}
    where kind = 'entered'
),

queued_findings as (
    select
        observed_at,
        subject_run_id,
        unnest(from_json(finding_ids, '["varchar"]')) as finding_id,
    from entries
),

-- one row per opening of a finding that was queued: when an action first included it
waits as (
    select
        events.finding_id,
        events.observed_at,
        min(queued_findings.observed_at) as queued_at,
        min(queued_findings.subject_run_id) as run_id,
    from events
    inner join queued_findings
        on queued_findings.finding_id = events.finding_id
        and queued_findings.observed_at >= events.observed_at
    group by events.finding_id, events.observed_at
),

-- one row per week: the median hours from the opening of a finding to the queue
final as (
    select
        cast(date_trunc('week', queued_at) as date) as week_start,
        median(date_sub('second', observed_at, queued_at) / 3600.0) as value,
        max(run_id) as run_id,
    from waits
    group by cast(date_trunc('week', queued_at) as date)
)

select * from final
