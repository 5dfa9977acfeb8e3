-- depends_on: every rule of seeds/gap_rules.csv
{% set rules = [
    'gap_project_unindexed',
    'gap_project_stale_scan',
    'gap_file_missing_from_scan',
    'gap_duplicate_mirror_content',
    'gap_high_size_low_test_coverage',
    'gap_orphaned_artifact_path',
    'gap_high_collector_density_no_docs',
] %}
with verdicts as (
    {% for rule in rules -%}
    select * from {{ ref(rule) }}
    {%- if not loop.last %}

    union all by name

    {% endif %}
    {%- endfor %}
),

rules as (
    select * from {{ ref('int_rules__effective') }}
),

-- one row per rule and subject, whatever the verdict
final as (
    select
        {{ hash_id(['verdicts.gap_type', 'verdicts.project_id', 'verdicts.subject']) }} as finding_id,
        sha256(concat_ws(chr(31), verdicts.gap_type, verdicts.project_id, verdicts.subject)) as fingerprint,
        verdicts.*,
        round(verdicts.stake * rules.weight, 3) as impact_score,
        rules.severity,
        gap_rules.scope,
        rules.rule_version,
        rules.threshold_hash,
        coalesce(verdicts.advice, rules.remedy) as recommended_action,
    from verdicts
    inner join rules using (gap_type)
    inner join {{ ref('gap_rules') }} as gap_rules using (gap_type)
)

select * from final
