{% macro health_share(part, parts) -%}
    {# The share of one part in the sum of *parts*, the parts of its term. #}
    {{ health_weight(part) }}
    / (
        {%- for other in parts %}{{ health_weight(other) }}{{ ' + ' if not loop.last }}{% endfor -%}
    )
{%- endmacro %}
