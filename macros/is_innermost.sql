{% macro is_innermost(rows, key) -%}
    {# Whether a row's source path is the innermost of those that say something of the same key. #}
    rank() over (
        partition by {{ key }} order by length({{ rows }}.source_path_key) desc, {{ rows }}.source_path_key
    ) = 1
{%- endmacro %}
