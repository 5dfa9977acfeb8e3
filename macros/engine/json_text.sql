{% macro json_text(document, name) -%}
    {# One member of a JSON object as text; NULL where it is not there, or is null. #}
    json_extract_string({{ document }}, '$."{{ name }}"')
{%- endmacro %}
