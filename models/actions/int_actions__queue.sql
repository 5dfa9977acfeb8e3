with worded as (
    select * from {{ ref('int_actions__worded') }}
),

-- the best actions, with sentences that explain each number
final as (
    select
        rank,
        action_id,
        weightiest.gap_type as action_type,
        weightiest.headline || case
            when finding_count > 1 and project_count > 1
                then ' (' || finding_count || ' findings in ' || project_count || ' projects)'
            when finding_count > 1 then ' (' || finding_count || ' findings)'
            else ''
        end as title,
        weightiest.project_id as project_id,
        weightiest.project_path as project_path,
        weightiest.subject as subject,
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
        || '. ' || others_in_words || coalesce(weightiest.recommended_action, '') as rationale,
        cast(to_json(weightiest.argv) as varchar) as command_argv,
        {{ shell_command('weightiest.argv') }} as command,
        case
            when weightiest.argv is not null then coalesce(weightiest.cwd, weightiest.project_path)
        end as command_cwd,
        case when weightiest.argv is not null then weightiest.effect end as command_effect,
        weightiest.run_id as source_run_id,
    from worded
    where rank <= {{ var('queue_size') }}
)

select * from final
