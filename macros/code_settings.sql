{% macro code_settings(names) -%}
    {# One row with numbers of seeds/code_settings.csv, each as a column of its name. #}
    {{ settings_of('code_settings', names) }}
{%- endmacro %}
