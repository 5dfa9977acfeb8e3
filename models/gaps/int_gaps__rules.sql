with verdicts as (
    select * from {{ ref('int_gaps__verdicts') }}
),

gap_rules as (
    select * from {{ ref('gap_rules') }}
),

effective as (
    select * from {{ ref('int_rules__effective') }}
),

thresholds as (
    select
        effective.gap_type,
        {{ as_json_text(
            "list(
                struct_pack(
                    threshold := effective.threshold,
                    value := effective.value,
                    unit := seeded.unit,
                    note := seeded.note
                )
                order by effective.threshold
            )"
        ) }} as thresholds,
    from {{ ref('int_rules__thresholds') }} as effective
    inner join {{ ref('rule_thresholds') }} as seeded using (gap_type, threshold)
    group by effective.gap_type
),

counts as (
    select
        gap_type,
        {% for verdict in ['fail', 'pass', 'unknown', 'not_applicable'] -%}
        count(*) filter (where verdict = '{{ verdict }}') as {{ verdict }}_count,
        {% endfor -%}
    from verdicts
    group by gap_type
),

-- one row per rule as this build applied it, with how many subjects got each verdict
final as (
    select
        effective.gap_type,
        effective.title,
        effective.severity,
        effective.weight,
        gap_rules.scope,
        gap_rules.effort,
        effective.rule_version,
        gap_rules.rationale,
        effective.remedy,
        coalesce(thresholds.thresholds, '[]') as thresholds,
        effective.threshold_hash,
        coalesce(counts.fail_count, 0) as fail_count,
        coalesce(counts.pass_count, 0) as pass_count,
        coalesce(counts.unknown_count, 0) as unknown_count,
        coalesce(counts.not_applicable_count, 0) as not_applicable_count,
    from effective
    inner join gap_rules using (gap_type)
    left join thresholds using (gap_type)
    left join counts using (gap_type)
)

select * from final
