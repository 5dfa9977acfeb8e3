{% macro as_json_text(value) -%}
    {# A list or struct as JSON text. #}
    cast(to_json({{ value }}) as varchar)
{%- endmacro %}
