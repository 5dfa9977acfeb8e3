{% macro utc_time(text) -%}
    {# A time from its text, in UTC if the text names no zone; NULL if it is not a time. #}
    case
        when isfinite(try_cast({{ text }} as timestamptz))
            then cast(try_cast({{ text }} as timestamptz) as timestamp)
    end
{%- endmacro %}
