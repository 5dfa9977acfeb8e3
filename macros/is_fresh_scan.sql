{% macro is_fresh_scan(scanned_at) -%}
    {# Whether a scan is young enough at as_of, which the query reads as `as_of`. #}
    {{ scanned_at }} >= as_of.as_of
        - to_days(cast({{ threshold('PROJECT_STALE_SCAN', 'max_age_days') }} as integer))
{%- endmacro %}
