{% macro believed(time, landed_at='landed_at') -%}
    {# A time that a landed row names, by a clock that may run ahead: not after its run had landed. NULL stays NULL. #}
    case when {{ time }} > {{ landed_at }} then {{ landed_at }} else {{ time }} end
{%- endmacro %}
