{% macro counted(number, noun) -%}
    {# A number and its noun as text: `1 file`, `2 files`. #}
    ({{ number }} || case when {{ number }} = 1 then ' {{ noun }}' else ' {{ noun }}s' end)
{%- endmacro %}
