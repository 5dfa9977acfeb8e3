{% macro own_rules() -%}
    {# The user's own rules in this build: name and digest of each. The plugin names them. #}
    {%- set settings = (target.plugins or [{}])[0].config or {} -%}
    {{- return(settings.get('own_rules', {}) if execute else {}) -}}
{%- endmacro %}
