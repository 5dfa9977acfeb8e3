with patterns as (
    select * from {{ ref('int_memory__waivers') }}
),

-- a finding of this build or of an earlier one that is not known to be resolved
findings as (
    select finding_id, gap_type, project_path, subject
    from {{ ref('int_gaps__judged') }}
    where verdict = 'fail'

    union

    select finding_id, gap_type, project_path, subject
    from {{ ref('int_memory__findings') }}
    where is_open and gap_type <> 'WAIVER_NEEDS_REVIEW'
),

places as (
    {{ with_earlier_places('findings') }}
),

coverage as (
    select
        patterns.waiver_id,
        count(distinct places.finding_id) as covered_findings,
        count(distinct places.gap_type) as covered_rules,
        count(distinct places.current_project_path) as covered_projects,
    from patterns
    inner join places on {{ waives('patterns', 'places') }}
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

measured as (
    select
        waivers.waiver_id,
        waivers.newest.gap_type as gap_type,
        waivers.subject_patterns[1] as subject_pattern,
        {{ as_json_text('waivers.subject_patterns') }} as subject_patterns,
        waivers.newest.reason as reason,
        waivers.newest.note as note,
        waivers.newest.owner as owner,
        waivers.newest.given_at as given_at,
        waivers.newest.expires_on as expires_on,
        waivers.newest.holds as holds,
        coalesce(coverage.covered_findings, 0) as covered_findings,
        coalesce(coverage.covered_rules, 0) as covered_rules,
        coalesce(coverage.covered_projects, 0) as covered_projects,
        waivers.newest.run_id as source_run_id,
    from waivers
    left join coverage using (waiver_id)
),

-- one row per waiver that was not withdrawn, with its most serious state
final as (
    select
        * exclude (holds),
        case
            when not holds then 'expired'
            when
                covered_findings > {{ threshold('WAIVER_NEEDS_REVIEW', 'max_covered_findings') }}
                or (gap_type = '*' and subject_pattern = '*')
                then 'over_broad'
            -- A waiver of the rule on waivers covers findings that are not counted here.
            when gap_type <> 'WAIVER_NEEDS_REVIEW' and covered_findings = 0 then 'unused'
            else 'in_use'
        end as state,
    from measured
)

select * from final
