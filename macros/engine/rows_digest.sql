{% macro rows_digest(rows) -%}
    {# One digest of all rows of a relation, by its alias, whatever their order. #}
    sha256(string_agg(cast({{ rows }} as varchar), chr(10) order by cast({{ rows }} as varchar)))
{%- endmacro %}
