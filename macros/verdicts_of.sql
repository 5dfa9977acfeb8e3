{% macro verdicts_of(rules) -%}
    {# The verdicts of several rules in one shape (verdict_shape), with the defaults filled in. #}
    {%- set shape = verdict_shape() -%}
    {%- set required = shape | rejectattr('default', 'defined')
        | map(attribute='name') | join(', ') -%}
    select
        {%- for column in shape %}
        {%- set filled = 'coalesce(' ~ column.name ~ ', ' ~ column.default ~ ')' %}
        {%- set value = filled if 'default' in column else column.name %}
        cast({{ value }} as {{ column.type }}) as {{ column.name }},
        {%- endfor %}
    from (
        {%- for rule in rules %}
        select {{ required }}, * exclude ({{ required }}) from {{ ref(rule) }}

        union all by name
        {% endfor %}
        -- No row: it only adds the optional columns that none of the rules gives.
        select
            {%- for column in shape %}
            cast(null as {{ column.type }}) as {{ column.name }},
            {%- endfor %}
        where false
    )
{%- endmacro %}
