{% macro json_object(members) -%}
    {#
        A JSON object as text, its members in the order given: a mapping of name to expression, or a
        list in which the name of a column stands for itself, and a pair is name and expression.
    #}
    {%- set pairs = members.items() if members is mapping else members -%}
    cast(json_object(
        {%- for pair in pairs %}
        {%- set name, expression = (pair, pair) if pair is string else pair %}
        '{{ name }}', {{ expression }}{{ ',' if not loop.last }}
        {%- endfor %}
    ) as varchar)
{%- endmacro %}
