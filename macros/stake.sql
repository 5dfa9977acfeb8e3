{% macro stake(amount, gap_type) -%}
    {# The stake by orders of magnitude: 0 at `stake_low` of the rule, 100 at its `stake_high`. #}
    100.0 * greatest(0.0, least(1.0,
        ln(greatest({{ amount }}, 1) / {{ threshold(gap_type, 'stake_low') }})
        / ln({{ threshold(gap_type, 'stake_high') }} / {{ threshold(gap_type, 'stake_low') }})
    ))
{%- endmacro %}
