{% macro stable_sum(numbers) -%}
    {#
        A sum of fractions that is the same in every build: threads add them in any order, and the
        last bits of the result depend on it.
    #}
    round(sum({{ numbers }}), 9)
{%- endmacro %}
