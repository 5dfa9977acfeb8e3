with open_now as (
    select finding_id from {{ ref('gap_findings') }}
    where status = 'open'
),

-- an open finding that this build sees, with the action that would close it
found as (
    select
        failing.*,
        -- Only an action that scans or lands gives what an unknown verdict waits for.
        case
            when failing.effect in ('land', 'execute') then coalesce(projects.blocked_verdicts, 0)
            else 0
        end as blocked_verdicts,
        projects.direct_dependants,
        projects.further_dependants,
        -- Among loose files, the folder decides.
        coalesce(projects.is_mine, copied.is_mine) as is_mine,
        coalesce(
            case when projects.is_mine is null then copied.mine_reason end, projects.mine_reason
        ) as mine_reason,
        -- Findings of several rules that the same work closes are one action. It stays the same if
        -- the project moves.
        list_transform(failing.argv, lambda word: {{ place_at_first('word', 'failing') }})
            as argv_at_first,
        case
            when failing.first_path <> failing.project_path
                then replace(failing.action_group, failing.project_path, failing.first_path)
            else failing.action_group
        end as group_at_first,
        {{ hash_id([
            "case when failing.effect in ('land', 'execute') and failing.argv is not null "
            ~ "then cast(to_json(argv_at_first) as varchar) "
            ~ "else coalesce(group_at_first, failing.finding_id) end",
        ]) }} as action_id,
    from {{ ref('int_gaps__failing') }} as failing
    inner join open_now using (finding_id)
    left join {{ ref('int_actions__projects') }} as projects using (project_id)
    left join {{ ref('int_git__copied') }} as copied on copied.folder_path = failing.subject
),

settling as (
    select
        project_id,
        min(action_id) as action_id,
    from found
    where settles_project
    group by project_id
),

open_findings as (
    select found.* replace (coalesce(settling.action_id, found.action_id) as action_id)
    from found
    left join settling using (project_id)
),

-- Blocked verdicts count once per project, not once per finding.
counted as (
    select
        *,
        row_number() over (
            partition by action_id, project_id order by blocked_verdicts desc, finding_id
        ) = 1 as is_first_of_project,
    from open_findings
),

grouped as (
    select
        action_id,
        max_by(counted, (settles_project, impact_score, subject, finding_id)) as weightiest,
        max(impact_score) as highest_impact,
        -- An action that settles a project is as sure as that decision.
        coalesce(max(confidence_ratio) filter (where settles_project), max(confidence_ratio))
            as confidence_ratio,
        bool_or(facts_at is null) as has_no_facts,
        min(facts_at) as oldest_facts_at,
        sum(blocked_verdicts) filter (where is_first_of_project) as blocked_verdicts,
        -- The most needed project counts, with its name and both of its numbers; NULL if the
        -- dependants of none are known.
        max_by(counted, (direct_dependants, further_dependants, project_path))
        filter (where direct_dependants is not null) as most_needed,
        bool_and(is_mine is false) as is_of_others,
        count(*) as finding_count,
        list(finding_id order by finding_id) as finding_ids,
        count(distinct project_id) as project_count,
    from counted
    group by action_id
),

-- one row per action: its weightiest finding, and the sums over all of its findings
final as (
    select
        * exclude (most_needed),
        grouped.most_needed.project_path as needed_path,
        grouped.most_needed.direct_dependants as direct_dependants,
        grouped.most_needed.further_dependants as further_dependants,
    from grouped
)

select * from final
