{% set terms = [
    'health_tests', 'health_docs', 'health_freshness', 'health_gaps', 'health_activity',
] %}
with earned as (
    select * from {{ ref('int_health__earned') }}
    where not is_gone
),

raw_terms as (
    select
        project_id,
        last_scanned_at,
        index_state,
        {{ clamp('tests') }} * {{ health_weight('health_tests') }} as health_tests,
        {{ clamp('docs') }} * {{ health_weight('health_docs') }} as health_docs,
        {{ clamp('freshness') }} * {{ health_weight('health_freshness') }} as health_freshness,
        {{ clamp('gaps') }} * {{ health_weight('health_gaps') }} as health_gaps,
        {{ clamp('activity') }} * {{ health_weight('health_activity') }} as health_activity,
    from earned
),

-- The maximum of an unknown term is shared among the known ones, so that they add up to 100.
known as (
    select
        *,
        {% for term in terms %}cast({{ term }} is not null as integer){{ ' + ' if not loop.last }}
        {%- endfor %} as known_terms,
        100.0 / nullif(
            {% for term in terms -%}
            case when {{ term }} is null then 0 else {{ health_weight(term) }} end
            {{- ' + ' if not loop.last }}
            {% endfor -%},
            0
        ) as share_factor,
    from raw_terms
),

scaled as (
    select
        project_id,
        last_scanned_at,
        index_state,
        known_terms,
        {% for term in terms -%}
        round({{ term }} * share_factor, 3) as {{ term }},
        case
            when {{ term }} is not null
                then round({{ health_weight(term) }} * share_factor, 3)
        end as {{ term }}_maximum,
        {% endfor %}
    from known
),

final as (
    select
        *,
        case
            when known_terms >= {{ health_weight('min_known_terms') }} then round(
                {% for term in terms %}coalesce({{ term }}, 0){{ ' + ' if not loop.last }}
                {%- endfor %}, 3
            )
        end as health_score,
    from scaled
)

select * from final
