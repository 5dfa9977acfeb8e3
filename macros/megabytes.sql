{% macro megabytes(number) -%}
    {# A number of bytes as text: `12.5 MB`, `12 MB`. #}
    replace(round({{ number }} / 1e6, 1) || ' MB', '.0 MB', ' MB')
{%- endmacro %}
