{% macro last_part(path) -%}
    {# The last component of a path. #}
    regexp_extract({{ path }}, '([^/]*)/?$', 1)
{%- endmacro %}
