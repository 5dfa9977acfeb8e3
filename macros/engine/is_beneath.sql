{% macro is_beneath(path, folder) -%}
    {# Whether a path is the folder or is below it. #}
    ({{ path }} = {{ folder }} or starts_with({{ path }}, rtrim({{ folder }}, '/') || '/'))
{%- endmacro %}
