{% macro json_text(document, name) -%}
    {# One member of a JSON object as text; NULL if it is missing or null. #}
    json_extract_string({{ document }}, '$."{{ name }}"')
{%- endmacro %}
