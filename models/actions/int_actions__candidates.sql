with verdicts as (
    select * from {{ ref('int_gaps__verdicts') }}
),

findings as (
    select * from {{ ref('gap_findings') }}
    where status = 'open'
),

blocked as (
    select
        project_id,
        count(*) as blocked_verdicts,
    from verdicts
    -- Whether a path is there waits for nobody's scan.
    where verdict = 'unknown' and scope <> 'artifact'
    group by project_id
),

dependants as (
    select * from {{ ref('int_dependencies__dependants') }}
),

-- an open finding that this build sees, with the action that would close it
found as (
    select
        verdicts.*,
        findings.first_seen,
        coalesce(blocked.blocked_verdicts, 0) as blocked_verdicts,
        dependants.direct_dependants,
        dependants.further_dependants,
        coalesce(verdicts.settles_project, false) as is_settling,
        -- The same work closes what several rules found.
        {{ hash_id([
            "case when verdicts.effect in ('land', 'execute') and verdicts.argv is not null "
            ~ "then cast(to_json(verdicts.argv) as varchar) "
            ~ "else coalesce(verdicts.action_group, verdicts.finding_id) end",
        ]) }} as action_id,
    from verdicts
    inner join findings using (finding_id)
    left join blocked on blocked.project_id = verdicts.project_id
    left join dependants on dependants.project_id = verdicts.project_id
    where verdicts.verdict = 'fail'
),

settling as (
    select
        project_id,
        min(action_id) as action_id,
    from found
    where is_settling
    group by project_id
),

open_findings as (
    select found.* replace (coalesce(settling.action_id, found.action_id) as action_id)
    from found
    left join settling using (project_id)
),

-- What waits for a project waits once, however many of its findings the action closes.
told as (
    select
        *,
        row_number() over (partition by action_id, project_id order by finding_id) = 1 as is_first_of_project,
    from open_findings
),

-- one row per action: what its most weighty finding says, and what all of them add up to
final as (
    select
        action_id,
        max_by(told, (is_settling, impact_score, subject, finding_id)) as lead,
        max(impact_score) as highest_impact,
        -- as sure as the decision is that settles all
        coalesce(max(confidence_ratio) filter (where is_settling), max(confidence_ratio)) as confidence_ratio,
        bool_or(facts_at is null) as has_no_facts,
        min(facts_at) as oldest_facts_at,
        sum(blocked_verdicts) filter (where is_first_of_project) as blocked_verdicts,
        -- of several projects, the most needed one; NULL where nothing is known of any
        max(direct_dependants) as direct_dependants,
        max(further_dependants) as further_dependants,
        count(*) as finding_count,
        list(finding_id order by finding_id) as finding_ids,
        count(distinct project_id) as project_count,
    from told
    group by action_id
)

select * from final
