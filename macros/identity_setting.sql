{% macro identity_setting(name) -%}
    {# One number of seeds/identity_settings.csv. #}
    (
        select settings.value
        from {{ ref('identity_settings') }} as settings
        where settings.name = '{{ name }}'
    )
{%- endmacro %}
