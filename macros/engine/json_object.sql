{% macro json_object(pairs) -%}
    {# A JSON object as text from a mapping of name to expression, in the order given. #}
    cast(json_object(
        {%- for name, expression in pairs.items() %}
        '{{ name }}', {{ expression }}{{ ',' if not loop.last }}
        {%- endfor %}
    ) as varchar)
{%- endmacro %}
