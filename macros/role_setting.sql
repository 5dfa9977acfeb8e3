{% macro role_setting(name) -%}
    {# One number of seeds/role_settings.csv. #}
    (
        select settings.value
        from {{ ref('role_settings') }} as settings
        where settings.name = '{{ name }}'
    )
{%- endmacro %}
