{% macro sum_to_bigint(sizes) -%}
    {# A sum of sizes that a bigint holds: two sparse files are enough to claim more bytes. #}
    least(sum({{ sizes }}), 9223372036854775807)
{%- endmacro %}
