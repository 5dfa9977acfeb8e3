with projects as (
    select * from {{ ref('projects') }}
),

structure as (
    select project_id, last_commit_at from {{ ref('int_structure__projects') }}
),

counts as (
    select * from {{ ref('int_health__counts') }}
),

activity as (
    select * from {{ ref('int_git__activity') }}
),

collectors as (
    select * from {{ ref('int_roles__collectors') }}
),

health as (
    select * from {{ ref('int_health__projects') }}
),

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
        structure.last_commit_at,
        activity.commits_90d,
        activity.contributors_90d,
        counts.primary_language,
        counts.file_count,
        cast(counts.line_count as bigint) as line_count,
        cast(counts.size_bytes as bigint) as size_bytes,
        counts.test_file_count,
        counts.doc_file_count,
        cast(collectors.collector_files as bigint) as collector_file_count,
        counts.has_readme,
        counts.has_tests,
        counts.has_docs,
        counts.has_ci,
        counts.has_license,
        projects.last_seen as last_crawled_at,
        health.last_scanned_at,
        health.scan_age_days,
        health.index_state,
        health.open_gap_count,
        health.critical_gap_count,
        health.high_gap_count,
        health.waived_gap_count,
        health.worst_gap_type,
        cast(health.health_score as double) as health_score,
        health.health_grade,
        projects.source_run_id,
        cast(health.health_tests as double) as health_tests,
        cast(health.health_docs as double) as health_docs,
        cast(health.health_freshness as double) as health_freshness,
        cast(health.health_gaps as double) as health_gaps,
        cast(health.health_activity as double) as health_activity,
        projects.kind,
        projects.head_branch,
        projects.is_sparse,
        projects.is_shallow,
        projects.is_partial,
        counts.own_file_count,
        cast(counts.own_line_count as bigint) as own_line_count,
        counts.ignored_file_count,
        cast(counts.ignored_line_count as bigint) as ignored_line_count,
        counts.vendored_file_count,
        cast(counts.vendored_line_count as bigint) as vendored_line_count,
        counts.generated_file_count,
        cast(counts.generated_line_count as bigint) as generated_line_count,
        counts.notebook_file_count,
        cast(counts.notebook_line_count as bigint) as notebook_line_count,
        cast(counts.source_line_count as bigint) as source_line_count,
        health.is_mine,
        health.mine_reason,
        health.is_deprecated,
        cast(health.inline_test_lines as bigint) as inline_test_lines,
    from projects
    inner join structure using (project_id)
    inner join health using (project_id)
    left join counts using (project_id)
    left join activity using (project_id)
    left join collectors using (project_id)
)

select * from final
