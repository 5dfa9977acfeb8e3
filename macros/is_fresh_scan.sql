{% macro is_fresh_scan(scanned_at) -%}
    {# Whether a scan is young enough on the day that the query reads as `as_of_day`. #}
    {{ age_days(scanned_at) }} <= {{ threshold('PROJECT_STALE_SCAN', 'max_age_days') }}
{%- endmacro %}
