{% macro thousands(number) -%}
    {# A whole number as text with separated thousands: `12,345`. #}
    format('{:,}', cast({{ number }} as bigint))
{%- endmacro %}
