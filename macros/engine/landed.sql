{% macro landed(table) -%}
    {#
        The healthy rows of one landed table in this build, with the number and the end of their
        run.
    #}
    select * from {{ source('landed', table) }}
{%- endmacro %}
