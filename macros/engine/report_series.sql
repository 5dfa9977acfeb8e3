{% macro report_series(path) -%}
    {#
        The path of a report with every date, long number and long hexadecimal part as `#`: reports
        that each build or night names by its own are one series.
    #}
    regexp_replace(
        {{ path }},
        '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{12,}|'
        || '[0-9]{4}([-_.:T]?[0-9]{2}){2,}Z?|[0-9]{4,}',
        '#',
        'g'
    )
{%- endmacro %}
