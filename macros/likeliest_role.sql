{% macro likeliest_role(probabilities) -%}
    {# The role of the highest probability; NULL where nothing is known. #}
    {{ role_list() }}[list_position({{ probabilities }}, list_max({{ probabilities }}))]
{%- endmacro %}
