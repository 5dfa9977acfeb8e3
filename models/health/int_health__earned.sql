{{ config(materialized='ephemeral') }}
{% set parts = {
    'tests': ['tests_lines', 'tests_ci'],
    'docs': ['docs_readme', 'docs_further', 'docs_license'],
} %}
with facts as (
    select * from {{ ref('int_health__facts') }}
),

weights as (
    select
        {% for names in parts.values() -%}
        {% for name in names -%}
        {{ health_share(name, names) }} as {{ name }},
        {% endfor -%}
        {% endfor -%}
),

-- the share of each term's maximum that a project earns, 0 to 1; NULL if it cannot be known
final as (
    select
        facts.project_id,
        facts.is_gone,
        facts.last_scanned_at,
        facts.index_state,
        case
            when not coalesce(facts.is_judged, false) then null
            when facts.code_lines > 0
                then
                    weights.tests_lines
                    * {{ clamp("facts.test_share / " ~ health_weight('full_test_share')) }}
                    + weights.tests_ci * cast(facts.has_ci as integer)
            when facts.test_lines > 0
                then weights.tests_lines + weights.tests_ci * cast(facts.has_ci as integer)
            -- Documents alone need no tests; without any, there is nothing to rely on.
            when not facts.has_documents then weights.tests_ci * cast(facts.has_ci as integer)
        end as tests,
        case
            when facts.is_judged then
                weights.docs_readme * cast(facts.has_readme as integer)
                + weights.docs_further * cast(facts.has_docs as integer)
                + weights.docs_license * cast(facts.has_license as integer)
        end as docs,
        facts.known_share as freshness,
        case when not facts.is_left_out then 1.0 - facts.gap_cost end as gaps,
        case
            when facts.lifecycle <> 'unstated' then 0
            else (
                {{ health_weight('activity_none_days') }} - facts.commit_age_days
            ) / (
                {{ health_weight('activity_none_days') }}
                - {{ health_weight('activity_full_days') }}
            )
        end as activity,
    from facts
    cross join weights
)

select * from final
