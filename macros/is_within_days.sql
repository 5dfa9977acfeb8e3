{% macro is_within_days(time, days) -%}
    {#
        Whether a time is in the window of this many days that ends with the day of the build, which
        the query reads as `as_of_day`. A later day is in the future, and in no window.
    #}
    {{ age_days(time) }} between 0 and {{ days }} - 1
{%- endmacro %}
