{% macro code_settings(names) -%}
    {# One row with numbers of seeds/code_settings.csv, each as a column of its name. #}
    select
        {%- for name in names %}
        max(case when name = '{{ name }}' then value end) as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('code_settings') }}
{%- endmacro %}
