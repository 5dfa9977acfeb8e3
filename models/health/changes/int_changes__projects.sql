{{ config(materialized='ephemeral') }}
with changes as (
    select * from {{ ref('int_changes__project_kinds') }}
),

-- one row per change of a project or of its grade
final as (
    select
        change_kind,
        project_id || chr(31) || observation_number as change_key,
        observed_at as changed_at,
        project_id,
        project_path,
        project_path as subject,
        value_before,
        value_after,
        case change_kind
            when 'project_new' then 'New project'
            when 'project_gone' then 'Gone from disk'
            when 'project_back' then 'On disk again'
            when 'project_renamed'
                then
                    'Renamed from ' || {{ last_part('value_before') }}
                    || ' to ' || {{ last_part('value_after') }}
            when 'project_moved' then 'Moved from ' || value_before || ' to ' || value_after
            else 'Health ' || value_before || ' → ' || value_after || coalesce(
                ' (' || round(score_before)::integer || ' → '
                || round(health_score)::integer || ' of 100)',
                ''
            )
        end as sentence,
        run_id as recorded_run_id,
        subject_run_id as source_run_id,
    from changes
)

select * from final
