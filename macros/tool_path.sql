{% macro tool_path(name) -%}
    {# The path of a tool when facts were last landed, or NULL. #}
    (select tools.path from {{ ref('int_rules__tools') }} as tools where tools.name = '{{ name }}')
{%- endmacro %}
