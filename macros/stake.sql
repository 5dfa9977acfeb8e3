{% macro stake(amount, gap_type) -%}
    {# What is at stake, by orders of magnitude: 0 at the rule's `stake_low`, 100 at its `stake_high`. #}
    100.0 * greatest(0.0, least(1.0,
        ln(greatest({{ amount }}, 1) / {{ threshold(gap_type, 'stake_low') }})
        / ln({{ threshold(gap_type, 'stake_high') }} / {{ threshold(gap_type, 'stake_low') }})
    ))
{%- endmacro %}
