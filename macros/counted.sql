{% macro counted(number, noun, plural=none) -%}
    {# A number and its noun as text: `1 file`, `2,000 files`. #}
    (
        {{ thousands(number) }}
        || case when {{ number }} = 1 then ' {{ noun }}' else ' {{ plural or noun ~ "s" }}' end
    )
{%- endmacro %}
