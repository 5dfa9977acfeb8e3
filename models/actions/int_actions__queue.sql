with worded as (
    select * from {{ ref('int_actions__worded') }}
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
        because_in_words
        || 'Impact ' || round(impact, 1) || ' of ' || cast({{ weight('impact_max') }} as integer)
        || ', freshness ' || round(freshness_penalty, 1)
        || ' of ' || cast({{ weight('freshness_max') }} as integer)
        || ' (' || age_in_words || ')'
        || ', dependants ' || round(dependency_weight, 1)
        || ' of ' || cast({{ weight('dependency_max') }} as integer)
        || ' (' || dependants_in_words || ')'
        || ', confidence ' || round(confidence, 1)
        || ' of ' || cast({{ weight('confidence_max') }} as integer)
        || '. ' || others_in_words || coalesce(lead.recommended_action, '') as rationale,
        cast(to_json(lead.argv) as varchar) as command_argv,
        {{ shell_command('lead.argv') }} as command,
        case when lead.argv is not null then coalesce(lead.cwd, lead.project_path) end
            as command_cwd,
        case when lead.argv is not null then lead.effect end as command_effect,
        lead.run_id as source_run_id,
    from worded
    where rank <= {{ var('queue_size') }}
)

select * from final
