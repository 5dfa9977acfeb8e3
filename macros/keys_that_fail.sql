{% macro keys_that_fail(keys) -%}
    {#
        A row for each value of a key that occurs twice or is NULL, in one node: a node per relation
        would cost every build of dbt more than the check itself.
    #}
{%- for relation, columns in keys.items() %}
    select '{{ relation }}' as relation, count(*) as copies
    from {{ ref(relation) }}
    group by {{ columns | join(', ') }}
    having
        count(*) > 1
{%- for column in columns %}
        or {{ column }} is null
{%- endfor %}

{{ 'union all' if not loop.last }}
{%- endfor %}
{%- endmacro %}
