{% macro weight(name) -%}
    {# One number of seeds/priority_weights.csv. #}
    (
        select weights.value
        from {{ ref('priority_weights') }} as weights
        where weights.name = '{{ name }}'
    )
{%- endmacro %}
