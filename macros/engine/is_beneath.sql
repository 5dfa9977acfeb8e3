{% macro is_beneath(path, folder) -%}
    {# Whether a path is a folder or lies below it. #}
    ({{ path }} = {{ folder }} or starts_with({{ path }}, rtrim({{ folder }}, '/') || '/'))
{%- endmacro %}
