{{ config(materialized='ephemeral') }}
{% set terms = [
    'health_tests', 'health_docs', 'health_freshness', 'health_gaps', 'health_activity',
] %}
with terms as (
    select * from {{ ref('int_health__terms') }}
),

reasons as (
    select * from {{ ref('int_health__reasons') }}
),

-- one row per project and term of its health
final as (
    {% for term in terms -%}
    select
        terms.project_id,
        '{{ term }}' as term,
        {{ loop.index }} as term_place,
        terms.{{ term }} as points,
        terms.{{ term }}_maximum as maximum,
        reasons.{{ term }} || case
            when terms.{{ term }} is null
                then
                    '; unknown, so its ' || cast({{ health_weight(term) }} as integer)
                    || ' points are shared among the other terms'
            else ''
        end as reason,
        reasons.run_id,
    from terms
    inner join reasons using (project_id)
    {% if not loop.last %}
    union all

    {% endif -%}
    {% endfor -%}
)

select * from final
