{% macro wanted_name(calls) -%}
    {# The dotted name that a call or a base type wants; '' if it wants none. #}
    coalesce(
        {{ calls }}.target,
        case when {{ calls }}.import_index is null then {{ dotted_name(calls ~ '.callee') }} end,
        ''
    )
{%- endmacro %}
