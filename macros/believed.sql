{% macro believed(time, landed_at='landed_at') -%}
    {#
        A time from a landed row, at most the time when its run had landed: the clock that gave it
        may run ahead. NULL stays NULL.
    #}
    case when {{ time }} > {{ landed_at }} then {{ landed_at }} else {{ time }} end
{%- endmacro %}
