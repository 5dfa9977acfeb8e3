{{ config(materialized='ephemeral') }}
with events as (
    select * from {{ ref('int_gaps__finding_events') }}
),

-- the builds that observed something, each with the one before it
builds as (
    select
        observed_at,
        lag(observed_at) over (order by observed_at) as earlier_at,
    from (
        select observed_at from events

        union

        select observed_at from {{ ref('stg_observe__metric_observations') }}
    )
),

-- One row per opening of a finding. The finding could be detected when its facts had landed, but
-- not before the previous build, which did not have it yet.
openings as (
    select
        events.finding_id,
        events.observed_at,
        least(
            events.observed_at,
            greatest(coalesce(runs.believed_at, builds.earlier_at), builds.earlier_at)
        ) as detected_at,
    from events
    left join builds using (observed_at)
    left join {{ ref('stg_landing__runs') }} as runs on runs.run_id = events.source_run_id
    where events.kind <> 'closed'
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
        openings.finding_id,
        coalesce(openings.detected_at, openings.observed_at) as detected_at,
        min(queued_findings.observed_at) as queued_at,
        min(queued_findings.subject_run_id) as run_id,
    from openings
    inner join queued_findings
        on queued_findings.finding_id = openings.finding_id
        and queued_findings.observed_at >= openings.observed_at
    group by openings.finding_id, openings.observed_at, openings.detected_at
),

-- one row per week: the median hours from the time when a finding could be detected to the queue
final as (
    select
        cast(date_trunc('week', queued_at) as date) as week_start,
        median(date_sub('second', detected_at, queued_at) / 3600.0) as value,
        max(run_id) as run_id,
    from waits
    group by cast(date_trunc('week', queued_at) as date)
)

select * from final
