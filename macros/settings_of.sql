{% macro settings_of(seed, names) -%}
    {# One row with numbers of a seed of names and values, each as a column of its name. #}
    select
        {%- for name in names %}
        max(case when name = '{{ name }}' then value end) as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref(seed) }}
{%- endmacro %}
