{% macro softmax(scores) -%}
    {# Probabilities from a list of scores; NULL stays NULL. #}
    list_transform(
        {{ scores }},
        lambda score: exp(score - list_max({{ scores }})) / list_sum(
            list_transform({{ scores }}, lambda other: exp(other - list_max({{ scores }})))
        )
    )
{%- endmacro %}
