{% macro is_innermost(rows, key) -%}
    {# Whether the source path of a row is the innermost of all rows of the same key. #}
    rank() over (
        partition by {{ key }}
        order by length({{ rows }}.source_path_key) desc, {{ rows }}.source_path_key
    ) = 1
{%- endmacro %}
