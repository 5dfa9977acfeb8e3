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

-- The contents of files that a sparse checkout leaves out are unknown.
measures as (
    select
        project_id,
        files_left_out,
    from {{ ref('int_files__project_measures') }}
),

activity as (
    select * from {{ ref('int_git__activity') }}
),

as_of as (
    select * from {{ ref('as_of') }}
),

-- the share of each term's maximum that a project earns, 0 to 1; NULL if it cannot be known
final as (
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
        case
            when coalesce(measures.files_left_out, 0) = 0
                then
                    counts.test_lines / nullif(counts.source_lines, 0)
                    / {{ health_weight('full_test_share') }}
        end as tests,
        case when coalesce(measures.files_left_out, 0) = 0 then (
            cast(counts.has_readme as integer) * {{ health_weight('docs_readme') }}
            + cast(counts.further_doc_files > 0 as integer) * {{ health_weight('docs_further') }}
            + cast(counts.has_license as integer) * {{ health_weight('docs_license') }}
        ) / (
            {{ health_weight('docs_readme') }} + {{ health_weight('docs_further') }}
            + {{ health_weight('docs_license') }}
        ) end as docs,
        2.0 - date_sub('second', coverage.last_scanned_at, as_of.as_of) / 86400.0
        / {{ threshold('PROJECT_STALE_SCAN', 'max_age_days') }} as freshness,
        case
            when index_state in ('fresh', 'stale') and coalesce(measures.files_left_out, 0) = 0
                then 1.0 - coalesce(gap_counts.gap_cost, 0)
        end as gaps,
        (
            {{ health_weight('activity_none_days') }}
            - date_sub(
                'second',
                case
                    when projects.last_commit_at <= as_of.as_of then projects.last_commit_at
                    else activity.last_active_at
                end,
                as_of.as_of
            ) / 86400.0
        ) / (
            {{ health_weight('activity_none_days') }} - {{ health_weight('activity_full_days') }}
        ) as activity,
    from projects
    cross join as_of
    left join coverage using (project_id)
    left join counts using (project_id)
    left join gap_counts using (project_id)
    left join activity using (project_id)
    left join measures using (project_id)
)

select * from final
