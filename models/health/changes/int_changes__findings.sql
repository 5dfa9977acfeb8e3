{{ config(materialized='ephemeral') }}
with landed as (
    select * from {{ ref('stg_observe__finding_events') }}
),

events as (
    select *
    from landed

    union all by name

    select * from {{ ref('int_gaps__finding_changes') }}
),

lived as (
    select
        *,
        row_number() over life as event_number,
        lag(evidence) over life as evidence_before,
        lag(impact_score) over life as impact_before,
    from events
    window life as (partition by finding_id order by run_seq nulls last)
),

-- The memory begins with the findings of the first build: they are not changes. That build observed
-- every rule.
later as (
    select *
    from lived
    where run_seq is distinct from (
        select min(run_seq) from {{ ref('stg_observe__rule_observations') }}
    )
),

titled as (
    select
        later.*,
        coalesce(rules.title, later.gap_type)
        || case
            when later.subject = later.project_path then ''
            else ' (' || {{ short_path('later.subject', 'later.project_path') }} || ')'
        end as title,
        case when later.cause = 'rule_changed' then ', because the rule changed' else '' end
            as reason,
        {{ grown_numbers('later.evidence_before', 'later.evidence') }} as growth,
    from later
    left join {{ ref('gap_rules') }} as rules using (gap_type)
),

-- one row per opening, closing, reopening and growth of a finding
final as (
    select
        'finding_' || kind as change_kind,
        finding_id || chr(31) || event_number as change_key,
        observed_at as changed_at,
        project_id,
        project_path,
        subject,
        case kind
            when 'opened' then null
            when 'reopened' then 'resolved'
            when 'closed' then 'open'
            else round(impact_before)::integer::varchar
        end as value_before,
        case kind
            when 'closed' then 'resolved'
            when 'grown' then round(impact_score)::integer::varchar
            else 'open'
        end as value_after,
        case kind
            when 'opened' then 'Opened'
            when 'reopened' then 'Reopened'
            when 'grown' then 'Grew'
            else 'Closed'
        end
        || case when kind = 'closed' then '' else ' (' || severity || ')' end
        || reason || ': ' || title
        || case
            when kind = 'grown'
                then ': ' || coalesce(growth, 'impact ' || value_before || ' → ' || value_after)
            else ''
        end as sentence,
        severity,
        cause,
        gap_type,
        finding_id,
        run_id as recorded_run_id,
        subject_run_id as source_run_id,
    from titled
)

select * from final
