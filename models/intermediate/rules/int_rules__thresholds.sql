-- one row per rule and threshold; a trial (vars) overrides the seed
{% set trials = var('rule_thresholds') %}
with seeded as (
    select * from {{ ref('rule_thresholds') }}
),

final as (
    select
        gap_type,
        threshold,
        coalesce(
            {% for gap_type, changes in trials.items() %}{% for name, value in changes.items() -%}
            case
                when gap_type = '{{ gap_type }}' and threshold = '{{ name }}'
                    then {{ value | float }}
            end,
            {% endfor %}{% endfor -%}
            value
        ) as value,
        unit,
    from seeded
)

select * from final
