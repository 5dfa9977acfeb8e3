{% macro role_weights(part) -%}
    {# One row per signal of a part (path, content): its weight for each role, NULL counted as 0. #}
    select
        signal,
        {%- for role in roles() %}
        coalesce(max(weight) filter (where role = '{{ role }}'), 0) as {{ role }},
        {%- endfor %}
    from {{ ref('role_signal_weights') }}
    where part = '{{ part }}'
    group by signal
{%- endmacro %}
