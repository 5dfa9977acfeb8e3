{% macro role_points(value) -%}
    {#
        The points that signals add to each role: the sum of weight times *value*, in billionths.
        The sum of whole numbers does not depend on their order, so that equal facts give equal
        probabilities.
    #}
    {%- for role in roles() %}
        cast(
            sum(cast(round(1e9 * weights.{{ role }} * {{ value }}) as bigint)) as bigint
        ) as {{ role }},
    {%- endfor %}
{%- endmacro %}
