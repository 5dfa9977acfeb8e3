with observed as (
    select * from {{ ref('stg_observe__finding_events') }}
),

-- Publishing lands these: until then they have no run.
changes as (
    select * from {{ ref('int_gaps__finding_changes') }}
),

-- A finding that grows stays open: that is not an event of its history.
events as (
    select * from observed
    where kind <> 'grown'

    union all by name

    select * from changes
    where kind <> 'grown'
),

-- one row per opening, closing and reopening, beside the event before it of the same finding
final as (
    select
        finding_id,
        row_number() over lived as event_number,
        kind,
        cause,
        observed_at,
        {{ age_days('lag(observed_at) over lived', 'observed_at') }} as days_before,
        gap_type,
        severity,
        scope,
        project_id,
        project_path,
        subject,
        impact_score,
        impact_score - lag(impact_score) over lived as impact_change,
        confidence_ratio,
        evidence,
        recommended_action,
        rule_version,
        threshold_hash,
        subject_run_id as source_run_id,
    from events
    window lived as (partition by finding_id order by run_seq nulls last)
)

select * from final
