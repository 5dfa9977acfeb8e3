with targets as (
    select
        *,
        case when gap_type = '*' then '' else gap_type || ':' end || subject_pattern as target,
    from {{ ref('int_gaps__waivers') }}
    -- A pattern for all rules can begin with the name of one, and then reads like that rule's own.
    qualify row_number() over (
        partition by target order by state = 'in_use', source_run_id desc nulls last, waiver_id
    ) = 1
),

final as (
    select
        'WAIVER_NEEDS_REVIEW' as gap_type,
        cast(null as varchar) as project_id,
        cast(null as varchar) as project_path,
        'waiver ' || target as subject,
        case when state = 'in_use' then 'pass' else 'fail' end as verdict,
        {{ stake('covered_findings', 'WAIVER_NEEDS_REVIEW') }} as stake,
        {{ json_object([
            'waiver_id', 'state', ('patterns', 'cast(subject_patterns as json)'),
            'covered_findings', 'covered_rules', 'covered_projects',
            ('max_covered_findings', threshold('WAIVER_NEEDS_REVIEW', 'max_covered_findings')),
            'reason', 'note', 'owner', 'expires_on',
        ]) }} as evidence,
        state as situation,
        {{ json_object(['target']) }} as text_values,
        cast(as_of_day.as_of_day as timestamp) as facts_at,
        source_run_id as run_id,
    from targets
    cross join {{ ref('as_of_day') }} as as_of_day
)

select * from final
