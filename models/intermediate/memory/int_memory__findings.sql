with events as (
    select * from {{ ref('stg_observe__finding_events') }}
),

projects as (
    select project_id, project_path from {{ ref('int_structure__projects') }}
),

folded as (
    select
        finding_id,
        max_by(events, run_seq) as newest,
        max_by(observed_at, run_seq) filter (where kind in ('opened', 'reopened')) as opened_at,
        count(*) filter (where kind = 'reopened') as reopened_count,
    from events
    group by finding_id
),

-- the last event and the last opening of a finding
told as (
    select
        finding_id,
        newest.kind <> 'closed' as is_open,
        -- If a clock was set back, no finding closes before it opened.
        greatest(newest.observed_at, opened_at) as observed_at,
        opened_at,
        reopened_count,
        newest.fingerprint as fingerprint,
        newest.gap_type as gap_type,
        newest.severity as severity,
        newest.scope as scope,
        newest.project_id as project_id,
        newest.project_path as project_path,
        newest.subject as subject,
        newest.impact_score as impact_score,
        newest.confidence_ratio as confidence_ratio,
        newest.evidence as evidence,
        newest.recommended_action as recommended_action,
        newest.rule_version as rule_version,
        newest.threshold_hash as threshold_hash,
        newest.subject_run_id as subject_run_id,
    from folded
),

-- One row per finding that a published build ever saw. While it is open, it moves with its project.
final as (
    select
        told.* replace (
            coalesce(projects.project_path, told.project_path) as project_path,
            case
                when {{ is_beneath('told.subject', 'told.project_path') }}
                    then
                        coalesce(projects.project_path, told.project_path)
                        || substr(told.subject, length(told.project_path) + 1)
                else told.subject
            end as subject
        ),
    from told
    left join projects on projects.project_id = told.project_id and told.is_open
)

select * from final
