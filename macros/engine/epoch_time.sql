{% macro epoch_time(seconds) -%}
    {#
        A time from its seconds since 1970, given as a number or its text; NULL if it is not a time.
    #}
    try(make_timestamp(cast(round(try_cast({{ seconds }} as double) * 1000000) as bigint)))
{%- endmacro %}
