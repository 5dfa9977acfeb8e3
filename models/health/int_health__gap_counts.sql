with findings as (
    select * from {{ ref('gap_findings') }}
    where status in ('open', 'waived')
),

-- one row per project with findings; a waived finding is counted and costs nothing
final as (
    select
        project_id,
        count(*) filter (where status = 'open') as open_gap_count,
        count(*) filter (where status = 'open' and severity = 'critical') as critical_gap_count,
        count(*) filter (where status = 'open' and severity = 'high') as high_gap_count,
        count(*) filter (where status = 'waived') as waived_gap_count,
        nullif(concat_ws(
            ', ',
            {% for severity in ['critical', 'high', 'medium', 'low'] -%}
            nullif(
                count(*) filter (where status = 'open' and severity = '{{ severity }}'), 0
            ) || ' {{ severity }}'{{ ',' if not loop.last }}
            {% endfor -%}
        ), '') || case when open_gap_count = 1 then ' open finding' else ' open findings' end
            as open_in_words,
        max_by(gap_type, (impact_score, gap_type)) filter (where status = 'open')
            as worst_gap_type,
        sum(weights.maximum) filter (where status = 'open') as gap_cost,
    from findings
    left join {{ ref('health_weights') }} as weights on weights.term = 'gap_' || findings.severity
    group by project_id
)

select * from final
