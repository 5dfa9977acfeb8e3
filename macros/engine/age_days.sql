{% macro age_days(earlier, later='as_of_day.as_of_day') -%}
    {#
        The days from the date of one time to that of another; by default, to the day of the build,
        which the query reads as `as_of_day`.
    #}
    cast(date_diff('day', {{ earlier }}, {{ later }}) as integer)
{%- endmacro %}
