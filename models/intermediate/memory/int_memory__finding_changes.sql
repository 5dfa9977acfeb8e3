with verdicts as (
    select * from {{ ref('int_gaps__verdicts') }}
),

memory as (
    select * from {{ ref('int_memory__findings') }}
),

as_of as (
    select * from {{ ref('as_of') }}
),

changed_rules as (
    select gap_type from {{ ref('int_memory__rule_changes') }}
    where is_change
),

-- a rule that cannot judge a project now keeps everything open that it found there and does not judge by itself
undecided as (
    select distinct gap_type, project_id
    from verdicts
    where verdict = 'unknown'
),

appeared as (
    select
        case when memory.finding_id is null then 'opened' else 'reopened' end as kind,
        verdicts.* exclude (
            stake, headline, because, advice, action_group, settles_project, argv, effect, cwd, facts_at, verdict,
            run_id
        ),
        verdicts.run_id as subject_run_id,
    from verdicts
    left join memory using (finding_id)
    where verdicts.verdict = 'fail' and not coalesce(memory.is_open, false)
),

disappeared as (
    select
        'closed' as kind,
        memory.* exclude (is_open, observed_at, spell_began_at, reopened_count),
    from memory
    left join verdicts using (finding_id)
    left join undecided
        on undecided.gap_type = memory.gap_type and undecided.project_id is not distinct from memory.project_id
    where
        memory.is_open
        and (
            verdicts.verdict in ('pass', 'not_applicable')
            or (verdicts.verdict is null and undecided.gap_type is null)
        )
),

every_change as (
    select * from appeared

    union all by name

    select * from disappeared
),

-- one row per finding that this build sees open, close or come back
final as (
    select
        every_change.*,
        case when changed_rules.gap_type is null then 'world' else 'rule_changed' end as cause,
        as_of.as_of as observed_at,
    from every_change
    cross join as_of
    left join changed_rules using (gap_type)
)

select * from final
