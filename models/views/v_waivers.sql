-- A table: the rule on waivers reads it, too, and it rests on what a published view does not reach.
{{ config(materialized='table') }}
with patterns as (
    select * from {{ ref('int_memory__waivers') }}
),

-- what is found, by this build or before, and not known to be resolved
findings as (
    select finding_id, gap_type, project_path, subject
    from {{ ref('int_gaps__judged') }}
    where verdict = 'fail'

    union

    select finding_id, gap_type, project_path, subject
    from {{ ref('int_memory__findings') }}
    where is_open and gap_type <> 'WAIVER_NEEDS_REVIEW'
),

coverage as (
    select
        patterns.waiver_id,
        count(distinct findings.finding_id) as covered_findings,
        count(distinct findings.gap_type) as covered_rules,
        count(distinct findings.project_path) as covered_projects,
    from patterns
    inner join findings on {{ waives('patterns', 'findings') }}
    group by patterns.waiver_id
),

waivers as (
    select
        waiver_id,
        max_by(patterns, precedence) as newest,
        list(subject_pattern order by length(subject_pattern), subject_pattern) as subject_patterns,
    from patterns
    group by waiver_id
),

judged as (
    select
        waivers.waiver_id,
        waivers.newest.gap_type as gap_type,
        waivers.subject_patterns[1] as subject_pattern,
        {{ as_json_text('waivers.subject_patterns') }} as subject_patterns,
        waivers.newest.reason as reason,
        waivers.newest.note as note,
        waivers.newest.owner as owner,
        waivers.newest.expires_on as expires_on,
        waivers.newest.given_at as given_at,
        coalesce(coverage.covered_findings, 0) as covered_findings,
        coalesce(coverage.covered_rules, 0) as covered_rules,
        coalesce(coverage.covered_projects, 0) as covered_projects,
        not waivers.newest.holds as is_expired,
        -- What speaks of waivers only is for the rule on waivers to use.
        waivers.newest.gap_type <> 'WAIVER_NEEDS_REVIEW' and coalesce(coverage.covered_findings, 0) = 0 as is_unused,
        waivers.newest.holds and (
            covered_findings > {{ threshold('WAIVER_NEEDS_REVIEW', 'max_covered_findings') }}
            or (waivers.newest.gap_type = '*' and waivers.subject_patterns[1] = '*')
        ) as is_over_broad,
        waivers.newest.run_id as source_run_id,
    from waivers
    left join coverage using (waiver_id)
),

final as (
    select
        waiver_id,
        gap_type,
        subject_pattern,
        subject_patterns,
        reason,
        note,
        owner,
        given_at,
        expires_on,
        -- The worst that is to be said of it.
        case
            when is_expired then 'expired'
            when is_over_broad then 'over_broad'
            when is_unused then 'unused'
            else 'in_use'
        end as state,
        covered_findings,
        covered_rules,
        covered_projects,
        source_run_id,
    from judged
)

select * from final
