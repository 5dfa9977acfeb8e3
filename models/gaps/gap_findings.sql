with verdicts as (
    select * from {{ ref('int_gaps__failing') }}
),

memory as (
    select * from {{ ref('int_memory__findings') }}
),

waivers as (
    select * from {{ ref('int_gaps__finding_waivers') }}
),

as_of as (
    select * from {{ ref('as_of') }}
),

changes as (
    select finding_id, kind from {{ ref('int_gaps__finding_changes') }}
),

failing as (
    select
        verdicts.*,
        coalesce(case when memory.is_open then memory.opened_at end, as_of.as_of) as first_seen,
        as_of.as_of as last_seen,
        cast(null as timestamp) as resolved_at,
        coalesce(memory.reopened_count, 0)
        + coalesce(cast(changes.kind = 'reopened' as integer), 0) as reopened_count,
        verdicts.run_id as source_run_id,
    from verdicts
    cross join as_of
    left join memory using (finding_id)
    left join changes using (finding_id)
),

-- remembered and not failing now: closed before, closed by this build, or kept open by `unknown`
remembered as (
    select
        memory.*,
        memory.opened_at as first_seen,
        case
            when not memory.is_open then memory.observed_at
            when changes.kind = 'closed' then as_of.as_of
        end as resolved_at,
        coalesce(resolved_at, memory.observed_at) as last_seen,
        memory.subject_run_id as source_run_id,
    from memory
    cross join as_of
    left join changes using (finding_id)
    where memory.finding_id not in (select finding_id from failing)
),

every_finding as (
    select * from failing

    union all by name

    select * from remembered
),

final as (
    select
        every_finding.finding_id,
        every_finding.gap_type,
        every_finding.severity,
        every_finding.scope,
        every_finding.project_id,
        every_finding.project_path,
        every_finding.subject,
        cast(every_finding.impact_score as double) as impact_score,
        cast(every_finding.confidence_ratio as double) as confidence_ratio,
        every_finding.evidence,
        every_finding.recommended_action,
        every_finding.first_seen,
        every_finding.last_seen,
        {{ age_days(
            'every_finding.first_seen', 'coalesce(every_finding.resolved_at, as_of.as_of)'
        ) }} as age_days,
        case
            when every_finding.resolved_at is not null then 'resolved'
            when waivers.finding_id is not null then 'waived'
            else 'open'
        end as status,
        cast(every_finding.reopened_count as bigint) as reopened_count,
        waivers.waiver_reason,
        waivers.waiver_owner,
        waivers.waiver_expires_on,
        every_finding.source_run_id,
        every_finding.resolved_at,
        every_finding.rule_version,
        every_finding.fingerprint,
    from every_finding
    cross join as_of
    left join waivers
        on waivers.finding_id = every_finding.finding_id and every_finding.resolved_at is null
)

select * from final
