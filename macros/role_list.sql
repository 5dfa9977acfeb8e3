{% macro role_list() -%}
    {# The roles as a list of SQL. #}
    ['{{ roles() | join("', '") }}']
{%- endmacro %}
