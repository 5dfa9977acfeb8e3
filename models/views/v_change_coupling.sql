with as_of as (
    select * from {{ ref('as_of') }}
),

commits as (
    select
        commits.project_id,
        commits.project_path,
        commits.commit_sha,
        commits.source_run_id,
    from {{ ref('commits') }} as commits
    cross join as_of
    where {{ is_own_work('commits') }}
        and commits.committed_at <= as_of.as_of
        and commits.committed_at > as_of.as_of - interval {{ var('history_window_days') }} days
),

changes as (
    select * from {{ ref('int_git__changes') }}
),

-- one row per file of a change set that is small enough to mean something
touched as (
    select
        commits.*,
        changes.file_path,
    from commits
    inner join changes on changes.commit_sha = commits.commit_sha
    where changes.change_type <> 'D'
    qualify count(*) over (partition by commits.project_id, commits.commit_sha) <= {{ var('coupling_max_files') }}
),

frequent as (
    select *
    from touched
    qualify count(*) over (partition by project_id, file_path) >= {{ var('coupling_min_revisions') }}
),

revisions as (
    select
        project_id,
        file_path,
        count(*) as revisions,
    from frequent
    group by project_id, file_path
),

pairs as (
    select
        one.project_id,
        any_value(one.project_path) as project_path,
        one.file_path as file_path_a,
        other.file_path as file_path_b,
        count(*) as shared_revisions,
        max(one.source_run_id) as source_run_id,
    from frequent as one
    inner join frequent as other
        on other.project_id = one.project_id
        and other.commit_sha = one.commit_sha
        and other.file_path > one.file_path
    group by one.project_id, one.file_path, other.file_path
    having count(*) >= {{ var('coupling_min_shared') }}
),

final as (
    select
        pairs.project_id,
        pairs.project_path,
        pairs.file_path_a,
        pairs.file_path_b,
        pairs.shared_revisions,
        revisions_a.revisions as revisions_a,
        revisions_b.revisions as revisions_b,
        pairs.shared_revisions / ((revisions_a.revisions + revisions_b.revisions) / 2) as coupling_ratio,
        pairs.source_run_id,
    from pairs
    inner join revisions as revisions_a
        on revisions_a.project_id = pairs.project_id and revisions_a.file_path = pairs.file_path_a
    inner join revisions as revisions_b
        on revisions_b.project_id = pairs.project_id and revisions_b.file_path = pairs.file_path_b
    where coupling_ratio >= {{ var('coupling_min_ratio') }}
)

select * from final
