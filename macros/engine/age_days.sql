{% macro age_days(earlier, later) -%}
    {# Whole days that passed between two times. #}
    cast(date_sub('day', {{ earlier }}, {{ later }}) as integer)
{%- endmacro %}
