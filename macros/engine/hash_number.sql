{% macro hash_number(parts) -%}
    {#
        A number of 128 bits that stands for a list of expressions; it is faster to compare than the
        texts.
    #}
    md5_number(concat_ws(
        chr(31),
        {%- for part in parts %}
        coalesce({{ part }}, chr(30)){{ ',' if not loop.last }}
        {%- endfor %}
    ))
{%- endmacro %}
