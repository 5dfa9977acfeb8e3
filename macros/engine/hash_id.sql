{% macro hash_id(parts) -%}
    {#
        A stable id of 32 hex digits from a list of expressions. A separator keeps ('a', 'bc') and
        ('ab', 'c') apart.
    #}
    left(sha256(concat_ws(
        chr(31),
        {%- for part in parts %}
        coalesce({{ part }}, chr(30)){{ ',' if not loop.last }}
        {%- endfor %}
    )), 32)
{%- endmacro %}
