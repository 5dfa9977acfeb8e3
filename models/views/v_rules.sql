with rules as (
    select * from {{ ref('int_gaps__rules') }}
),

final as (
    select
        gap_type,
        title,
        severity,
        weight,
        scope,
        effort,
        rule_version,
        rationale,
        remedy,
        thresholds,
        threshold_hash,
        fail_count,
        pass_count,
        unknown_count,
        not_applicable_count,
    from rules
)

select * from final
