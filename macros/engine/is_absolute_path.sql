{% macro is_absolute_path(path) -%}
    {# Whether a text is an absolute path without empty parts, `.` and `..`. #}
    (starts_with({{ path }}, '/') and not regexp_matches({{ path }} || '/', '/(\.{1,2})?/'))
{%- endmacro %}
