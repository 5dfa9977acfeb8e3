with findings as (
    select finding_id, gap_type, project_path, subject from {{ ref('int_gaps__verdicts') }}
    where verdict = 'fail'

    union

    select finding_id, gap_type, project_path, subject from {{ ref('int_memory__findings') }}
    where is_open
),

places as (
    {{ with_earlier_places('findings') }}
),

waivers as (
    select * from {{ ref('int_memory__waivers') }}
    where holds
),

newest as (
    select
        places.finding_id,
        max_by(waivers, (waivers.precedence, waivers.subject_pattern)) as waiver,
    from places
    inner join waivers on {{ waives('waivers', 'places') }}
    group by places.finding_id
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
