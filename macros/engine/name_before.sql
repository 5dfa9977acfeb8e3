{% macro name_before(name, dot) -%}
    {# A dotted name before its first dot, or before its last; the whole name if it has no dot. #}
    {%- if dot == 'first' -%}
        split_part({{ name }}, '.', 1)
    {%- else -%}
        regexp_replace({{ name }}, '\.[^.]*$', '')
    {%- endif -%}
{%- endmacro %}
