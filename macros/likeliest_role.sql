{% macro likeliest_role(probabilities) -%}
    {# The role of the highest probability; NULL if there are no probabilities. #}
    {{ role_list() }}[list_position({{ probabilities }}, list_max({{ probabilities }}))]
{%- endmacro %}
