with scored as (
    select * from {{ ref('int_actions__scored') }}
),

ranked as (
    select
        *,
        row_number() over (order by priority desc, action_id) as rank,
    from scored
),

-- the best actions, with sentences that explain each number
final as (
    select
        rank,
        action_id,
        lead.gap_type as action_type,
        lead.headline || case
            when finding_count > 1 and project_count > 1
                then ' (' || finding_count || ' findings in ' || project_count || ' projects)'
            when finding_count > 1 then ' (' || finding_count || ' findings)'
            else ''
        end as title,
        lead.project_id as project_id,
        lead.project_path as project_path,
        lead.subject as subject,
        priority,
        impact,
        freshness_penalty,
        dependency_weight,
        confidence,
        finding_count,
        cast(to_json(finding_ids) as varchar) as finding_ids,
        case
            when project_count > 1
                then
                    project_count || ' projects; the most affected is '
                    || {{ last_part('lead.project_path') }} || ': ' || lead.because
            else upper(left(lead.because, 1)) || substr(lead.because, 2)
        end || '. '
        || 'Impact ' || round(impact, 1) || ' of ' || cast({{ weight('impact_max') }} as integer)
        || ', freshness ' || round(freshness_penalty, 1)
        || ' of ' || cast({{ weight('freshness_max') }} as integer)
        || case
            when has_no_facts then ' (no facts yet)'
            else ' (facts ' || cast(floor(facts_age_days) as integer) || ' days old)'
        end
        || ', dependants ' || round(dependency_weight, 1)
        || ' of ' || cast({{ weight('dependency_max') }} as integer)
        || ' (' || case
            when direct_dependants is null then 'not known: neutral'
            when direct_dependants = 0 then 'no project here needs it'
            when direct_dependants = 1 then '1 project here needs it'
            else direct_dependants || ' projects here need it'
        end
        || case
            when further_dependants > 0 then ', ' || further_dependants || ' more through others'
            else ''
        end
        || case
            when blocked_verdicts = 1 then '; 1 verdict waits for it'
            when blocked_verdicts > 1 then '; ' || blocked_verdicts || ' verdicts wait for it'
            else ''
        end
        || ')'
        || ', confidence ' || round(confidence, 1)
        || ' of ' || cast({{ weight('confidence_max') }} as integer)
        || '. ' || lead.recommended_action as rationale,
        cast(to_json(lead.argv) as varchar) as command_argv,
        {{ shell_command('lead.argv') }} as command,
        case when lead.argv is not null then coalesce(lead.cwd, lead.project_path) end
            as command_cwd,
        case when lead.argv is not null then lead.effect end as command_effect,
        lead.run_id as source_run_id,
    from ranked
    where rank <= {{ var('queue_size') }}
)

select * from final
