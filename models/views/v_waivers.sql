with waivers as (
    select * from {{ ref('int_gaps__waivers') }}
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
        state,
        covered_findings,
        covered_rules,
        covered_projects,
        source_run_id,
    from waivers
)

select * from final
