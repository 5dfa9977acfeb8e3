{% macro seconds_between(earlier, later) -%}
    {# The seconds from one timestamp to another, with their fraction. #}
    date_diff('microsecond', {{ earlier }}, {{ later }}) / 1e6
{%- endmacro %}
