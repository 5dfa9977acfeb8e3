{% macro using_key(columns) -%}
    {#
        Of a recursive query: the newest row of each key counts, and `recurring` has all of them.
        Only the linter, which has no target, does not know it.
    #}
    {%- if target %}using key ({{ columns | join(', ') }}){% endif -%}
{%- endmacro %}
