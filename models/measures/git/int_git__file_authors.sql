with as_of as (
    select * from {{ ref('as_of') }}
),

commits as (
    select
        commits.project_id,
        commits.commit_sha,
        lower(commits.author_email) as author_email,
        commits.author_name,
        commits.committed_at,
        commits.committed_at > as_of.as_of - interval {{ var('history_window_days') }} days
            as is_recent,
    from {{ ref('commits') }} as commits
    cross join as_of
    where
        {{ is_own_work('commits') }}
        and commits.committed_at <= as_of.as_of
),

changes as (
    select * from {{ ref('int_git__changes') }}
),

versions as (
    select * from {{ ref('file_versions') }}
),

-- one row per present or former path of a current file
names as (
    select
        versions.project_id,
        versions.file_path,
        min_by(living.file_path, (living.file_path <> versions.file_path, living.chain_place))
            as current_path,
    from versions
    inner join versions as living
        on living.project_id = versions.project_id
        and living.file_lineage_id = versions.file_lineage_id
        and living.valid_to is null
    group by versions.project_id, versions.file_path
),

final as (
    select
        names.project_id,
        names.current_path as file_path,
        commits.author_email,
        max_by(commits.author_name, commits.committed_at) as author_name,
        count(distinct commits.commit_sha) as revisions,
        count(distinct commits.commit_sha) filter (where commits.is_recent) as recent_revisions,
        sum(changes.lines_added + changes.lines_removed) filter (where commits.is_recent)
            as recent_changed_lines,
        max(commits.committed_at) as last_changed_at,
    from changes
    inner join commits on commits.commit_sha = changes.commit_sha
    inner join names
        on names.project_id = commits.project_id and names.file_path = changes.file_path
    group by names.project_id, names.current_path, commits.author_email
)

select * from final
