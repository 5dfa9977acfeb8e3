{% macro health_weight(term) -%}
    {# One number of seeds/health_weights.csv. #}
    (
        select weights.maximum
        from {{ ref('health_weights') }} as weights
        where weights.term = '{{ term }}'
    )
{%- endmacro %}
