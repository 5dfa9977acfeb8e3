with findings as (
    select finding_id, gap_type, project_path, subject
    from {{ ref('int_gaps__verdicts') }}
    where verdict = 'fail'

    union

    select finding_id, gap_type, project_path, subject
    from {{ ref('int_memory__findings') }}
    where is_open
),

waivers as (
    select * from {{ ref('int_memory__waivers') }}
    where holds
),

newest as (
    select
        findings.finding_id,
        max_by(waivers, (waivers.precedence, waivers.subject_pattern)) as waiver,
    from findings
    inner join waivers on {{ waives('waivers', 'findings') }}
    group by findings.finding_id
),

-- one row per waived finding: the newest waiver that covers it
final as (
    select
        finding_id,
        waiver.reason as waiver_reason,
        waiver.owner as waiver_owner,
        waiver.expires_on as waiver_expires_on,
    from newest
)

select * from final
