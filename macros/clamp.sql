{% macro clamp(ratio) -%}
    {# A ratio kept between 0 and 1; NULL stays NULL. #}
    case when {{ ratio }} is not null then greatest(0.0, least(1.0, {{ ratio }})) end
{%- endmacro %}
