with actions as (
    select * from {{ ref('action_queue') }}
    where status in ('queued', 'claimed', 'in_progress', 'blocked')
),

final as (
    select
        rank,
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
        finding_count,
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
    from actions
)

select * from final
order by rank
