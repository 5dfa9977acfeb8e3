{%- set least = health_weight('scan_none_share') %}
{%- set known_share = '(coalesce(coverage_ratio, 1) - ' ~ least ~ ') / (1 - ' ~ least ~ ')' %}
{%- set max_days = threshold('PROJECT_STALE_SCAN', 'max_age_days') -%}
with projects as (
    select * from {{ ref('int_structure__projects') }}
),

-- One row per project and required source: the share of the project that a fresh scan knows. A
-- source that reads none of its files does not count, unless it has scanned.
scans as (
    select
        *,
        case
            when last_scanned_at is not null
                then
                    ({{ clamp(known_share) }})
                    * ({{ clamp('2.0 - ' ~ age_days('last_scanned_at') ~ ' / ' ~ max_days) }})
            when coalesce(files_eligible, 1) <> 0 then 0
        end as known_share,
    from {{ ref('int_coverage__project_sources') }}
    cross join {{ ref('as_of_day') }} as as_of_day
),

coverage as (
    select
        project_id,
        min(last_scanned_at) as last_scanned_at,
        bool_or(last_scanned_at is null) as lacks_a_scan,
        bool_and(coalesce(is_fresh, false)) as is_fresh,
        min_by(scans, (known_share, scan_source)) filter (where known_share is not null) as least,
    from scans
    group by project_id
),

measures as (
    select * from {{ ref('int_files__project_measures') }}
),

gap_counts as (
    select * from {{ ref('int_health__gap_counts') }}
),

-- one row per project: all that its health is made of; NULL if it cannot be known
final as (
    select
        projects.project_id,
        projects.is_gone,
        projects.kind,
        -- A commit from the future is not activity.
        case
            when {{ age_days('projects.last_commit_at') }} >= 0
                then projects.last_commit_at
            else activity.last_active_at
        end as last_active_at,
        {{ age_days('last_active_at') }} as commit_age_days,
        case when not coverage.lacks_a_scan then coverage.last_scanned_at end as last_scanned_at,
        case
            when projects.is_gone then 'gone'
            when coalesce(coverage.lacks_a_scan, true) then 'never'
            when coverage.is_fresh then 'fresh'
            else 'stale'
        end as index_state,
        -- No scan knows anything about a project without files, such as a bare repository.
        case when measures.has_files is not false then coverage.least.known_share end
            as known_share,
        coverage.least.scan_source as least_source,
        coverage.least.files_scanned as files_scanned,
        coverage.least.files_eligible as files_eligible,
        coverage.least.last_scanned_at as scanned_at,
        -- The contents of files that a sparse checkout leaves out are unknown.
        coalesce(measures.files_left_out, 0) > 0 as is_left_out,
        measures.has_files and projects.kind <> 'loose_files' and not is_left_out as is_judged,
        measures.source_lines,
        measures.code_lines,
        measures.test_lines + measures.inline_test_lines as test_lines,
        measures.inline_test_lines,
        measures.test_share,
        measures.has_readme,
        measures.further_doc_files > 0 as has_docs,
        measures.has_license,
        measures.has_ci,
        measures.doc_files > 0 as has_documents,
        measures.lifecycle,
        coalesce(gap_counts.gap_cost, 0) as gap_cost,
        gap_counts.open_in_words,
        coalesce(crawls.run_id, projects.repository_run_id) as run_id,
    from projects
    cross join {{ ref('as_of_day') }} as as_of_day
    left join {{ ref('int_structure__project_crawls') }} as crawls using (project_id)
    left join coverage using (project_id)
    left join measures using (project_id)
    left join gap_counts using (project_id)
    left join {{ ref('int_git__activity') }} as activity using (project_id)
)

select * from final
