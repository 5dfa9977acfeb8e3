with projects as (
    select * from {{ ref('int_structure__projects') }}
),

coverage as (
    select
        project_id,
        min(last_scanned_at) as last_scanned_at,
        bool_or(last_scanned_at is null) as lacks_a_scan,
        bool_and(coalesce(is_fresh, false)) as is_fresh,
    from {{ ref('int_coverage__project_sources') }}
    group by project_id
),

counts as (
    select * from {{ ref('int_files__project_counts') }}
),

gap_counts as (
    select * from {{ ref('int_health__gap_counts') }}
),

as_of as (
    select * from {{ ref('as_of') }}
),

-- how much of each term's maximum a project earns, 0 to 1; NULL where it cannot be known
earned as (
    select
        projects.project_id,
        projects.is_gone,
        case when not coverage.lacks_a_scan then coverage.last_scanned_at end as last_scanned_at,
        case
            when projects.is_gone then 'gone'
            when coalesce(coverage.lacks_a_scan, true) then 'never'
            when coverage.is_fresh then 'fresh'
            else 'stale'
        end as index_state,
        counts.test_lines / nullif(counts.source_lines, 0) / {{ health_weight('full_test_share') }} as tests,
        (
            counts.has_readme::integer + (counts.further_doc_files > 0)::integer + counts.has_license::integer
        ) / 3.0 as docs,
        2.0 - date_sub('second', coverage.last_scanned_at, as_of.as_of) / 86400.0
            / {{ threshold('PROJECT_STALE_SCAN', 'max_age_days') }} as freshness,
        case when index_state in ('fresh', 'stale') then 1.0 - coalesce(gap_counts.gap_cost, 0) end as gaps,
        ({{ health_weight('activity_none_days') }} - date_sub('second', projects.last_commit_at, as_of.as_of) / 86400.0)
            / ({{ health_weight('activity_none_days') }} - {{ health_weight('activity_full_days') }}) as activity,
    from projects
    cross join as_of
    left join coverage using (project_id)
    left join counts using (project_id)
    left join gap_counts using (project_id)
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
    where not is_gone
),

-- What cannot be known shares its maximum among what can, so that the terms still add up to 100.
known as (
    select
        *,
        {% set terms = ['health_tests', 'health_docs', 'health_freshness', 'health_gaps', 'health_activity'] %}
        {% for term in terms %}({{ term }} is not null)::integer{{ ' + ' if not loop.last }}{% endfor %} as known_terms,
        100.0 / nullif({% for term in terms -%}
            case when {{ term }} is null then 0 else {{ health_weight(term) }} end{{ ' + ' if not loop.last }}
        {%- endfor %}, 0) as share_factor,
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
        {% endfor %}
    from known
),

final as (
    select
        *,
        case
            when known_terms >= 3 then round(
                {% for term in terms %}coalesce({{ term }}, 0){{ ' + ' if not loop.last }}{% endfor %}, 3
            )
        end as health_score,
    from scaled
)

select * from final
