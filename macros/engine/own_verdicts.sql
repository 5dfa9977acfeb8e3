{% macro own_verdicts() -%}
    {# The verdicts of the user's own rules, in the shape of all verdicts. #}
    select
        {%- for column in verdict_shape() %}
        {%- set value = 'cast(' ~ json_text('verdict', column.name) ~ ' as ' ~ column.type ~ ')' %}
        {%- set filled = 'coalesce(' ~ value ~ ', ' ~ column.default ~ ')' %}
        {{ filled if 'default' in column else value }} as {{ column.name }},
        {%- endfor %}
    from (select unnest(from_json(judge_by_own_rules(), '["json"]')) as verdict)
{%- endmacro %}
