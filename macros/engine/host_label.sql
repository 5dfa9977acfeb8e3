{% macro host_label() -%}
    {# The landing zone's host label, set on every cursor by the plugin. #}
    getvariable('host_label')
{%- endmacro %}
