{% macro generate_schema_name(custom_schema_name, node) -%}
    {# A schema is named as the project names it: the contract's relations in main, the rest by its floor. #}
    {{ custom_schema_name | trim if custom_schema_name else target.schema }}
{%- endmacro %}
