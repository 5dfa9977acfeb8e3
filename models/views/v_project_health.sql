with projects as (
    select * from {{ ref('projects') }}
),

structure as (
    select
        project_id,
        last_commit_at,
        not coalesce(is_bare, false) as has_work_tree,
    from {{ ref('int_structure__projects') }}
),

counts as (
    select * from {{ ref('int_files__project_counts') }}
),

activity as (
    select * from {{ ref('int_git__activity') }}
),

health as (
    select * from {{ ref('int_health__terms') }}
),

collectors as (
    select project_id, collector_files from {{ ref('int_roles__collectors') }}
),

gap_counts as (
    select * from {{ ref('int_health__gap_counts') }}
),

as_of as (
    select * from {{ ref('as_of') }}
),

looked_into as (
    select
        projects.*,
        structure.last_commit_at,
        projects.last_seen is not null and structure.has_work_tree as is_looked_into,
    from projects
    inner join structure using (project_id)
),

-- A project that was looked at and holds nothing has counts of 0; one that nobody looked at has none. What
-- a bare repository holds lies in its objects, where the crawl does not look.
final as (
    select
        projects.project_id,
        projects.project_path,
        projects.project_name,
        projects.root_path,
        projects.vcs,
        projects.remote_url,
        projects.default_branch,
        projects.head_commit,
        projects.last_commit_at,
        activity.commits_90d,
        activity.contributors_90d,
        counts.primary_language,
        case when is_looked_into then coalesce(counts.file_count, 0) end as file_count,
        case when is_looked_into then cast(coalesce(counts.line_count, 0) as bigint) end as line_count,
        case when is_looked_into then cast(coalesce(counts.size_bytes, 0) as bigint) end as size_bytes,
        case when is_looked_into then coalesce(counts.test_files, 0) end as test_file_count,
        case when is_looked_into then coalesce(counts.doc_files, 0) end as doc_file_count,
        cast(collectors.collector_files as bigint) as collector_file_count,
        case when is_looked_into then coalesce(counts.has_readme, false) end as has_readme,
        case when is_looked_into then coalesce(counts.test_files > 0, false) end as has_tests,
        case when is_looked_into then coalesce(counts.further_doc_files > 0, false) end as has_docs,
        case when is_looked_into then coalesce(counts.has_ci, false) end as has_ci,
        case when is_looked_into then coalesce(counts.has_license, false) end as has_license,
        projects.last_seen as last_crawled_at,
        health.last_scanned_at,
        {{ age_days('health.last_scanned_at', 'as_of.as_of') }} as scan_age_days,
        case when projects.is_gone then 'gone' else health.index_state end as index_state,
        coalesce(gap_counts.open_gap_count, 0) as open_gap_count,
        coalesce(gap_counts.critical_gap_count, 0) as critical_gap_count,
        coalesce(gap_counts.high_gap_count, 0) as high_gap_count,
        coalesce(gap_counts.waived_gap_count, 0) as waived_gap_count,
        gap_counts.worst_gap_type,
        cast(health.health_score as double) as health_score,
        case
            when health.health_score >= {{ health_weight('grade_a') }} then 'A'
            when health.health_score >= {{ health_weight('grade_b') }} then 'B'
            when health.health_score >= {{ health_weight('grade_c') }} then 'C'
            when health.health_score >= {{ health_weight('grade_d') }} then 'D'
            when health.health_score is not null then 'F'
        end as health_grade,
        projects.source_run_id,
        cast(health.health_tests as double) as health_tests,
        cast(health.health_docs as double) as health_docs,
        cast(health.health_freshness as double) as health_freshness,
        cast(health.health_gaps as double) as health_gaps,
        cast(health.health_activity as double) as health_activity,
        projects.kind,
    from looked_into as projects
    cross join as_of
    left join counts using (project_id)
    left join activity using (project_id)
    left join collectors using (project_id)
    left join health using (project_id)
    left join gap_counts using (project_id)
)

select * from final
