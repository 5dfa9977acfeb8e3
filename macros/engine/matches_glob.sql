{% macro matches_glob(text, pattern) -%}
    {# Shell-style pattern; `*` also crosses slashes. #}
    ({{ text }} glob {{ pattern }})
{%- endmacro %}
