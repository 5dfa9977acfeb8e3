{% macro generate_schema_name(custom_schema_name, node) -%}
    {# Schemas have the names of dbt_project.yml: the relations of the contract are in main. #}
    {{ custom_schema_name | trim if custom_schema_name else target.schema }}
{%- endmacro %}
