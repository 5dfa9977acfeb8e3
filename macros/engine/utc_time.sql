{% macro utc_time(text) -%}
    {# A time from its text, in UTC where the text names no zone; NULL where it is none. #}
    case
        when isfinite(try_cast({{ text }} as timestamptz)) then cast(try_cast({{ text }} as timestamptz) as timestamp)
    end
{%- endmacro %}
