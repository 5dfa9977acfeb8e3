with waivers as (
    select * from {{ ref('v_waivers') }}
),

as_of as (
    select * from {{ ref('as_of') }}
),

judged as (
    select
        waivers.*,
        case when waivers.gap_type = '*' then '' else waivers.gap_type || ':' end || waivers.subject_pattern as target,
        case when waivers.state = 'in_use' then 'pass' else 'fail' end as verdict,
        as_of.as_of,
    from waivers
    cross join as_of
),

final as (
    select
        'WAIVER_NEEDS_REVIEW' as gap_type,
        cast(null as varchar) as project_id,
        cast(null as varchar) as project_path,
        'waiver ' || target as subject,
        verdict,
        {{ stake('covered_findings', 'WAIVER_NEEDS_REVIEW') }} as stake,
        1.0 as confidence_ratio,
        {{ json_object({
            'waiver_id': 'waiver_id', 'state': 'state', 'patterns': 'cast(subject_patterns as json)',
            'covered_findings': 'covered_findings', 'covered_rules': 'covered_rules',
            'covered_projects': 'covered_projects',
            'max_covered_findings': threshold('WAIVER_NEEDS_REVIEW', 'max_covered_findings'),
            'reason': 'reason', 'note': 'note', 'owner': 'owner', 'expires_on': 'expires_on',
        }) }} as evidence,
        case state
            when 'expired' then 'Renew or withdraw the waiver '
            when 'over_broad' then 'Narrow the waiver '
            else 'Withdraw the waiver '
        end || target as headline,
        case state
            when 'expired' then 'it ended on ' || expires_on || ', and findings that it covered: ' || covered_findings
            when 'over_broad' then 'it covers ' || covered_findings || ' findings of ' || covered_rules || ' rules in '
                || covered_projects || ' projects'
            else 'it covers nothing that is found now'
        end as because,
        case when source_run_id is null then 'Change its row in seeds/waivers.csv.' end as advice,
        {{ argv('enrich', ["'waivers'"], []) }} as argv,
        'read' as effect,
        as_of as facts_at,
        source_run_id as run_id,
    from judged
    -- Of every rule, a pattern that begins with a rule's name reads like that rule's own: what reads alike is one.
    qualify row_number() over (
        partition by target order by verdict, source_run_id desc nulls last, waiver_id
    ) = 1
)

select * from final
