{{ config(materialized='ephemeral') }}
with as_of_day as (
    select * from {{ ref('as_of_day') }}
),

commits as (
    select * from {{ ref('commits') }}
),

changes as (
    select * from {{ ref('int_git__changes') }}
    where change_type <> 'D'
),

files as (
    select project_id, file_path, is_own from {{ ref('int_files__current') }}
),

own_work as (
    select
        commits.project_id,
        commits.project_path,
        commits.commit_sha,
        commits.source_run_id,
    from commits
    cross join as_of_day
    where
        {{ is_own_work('commits') }}
        and {{ is_within_days('commits.committed_at', var('history_window_days')) }}
),

-- one row per recent commit and file; a commit of very many files shows no coupling
touched as (
    select
        own_work.*,
        changes.file_path,
    from own_work
    inner join changes using (commit_sha)
    qualify
        count(*) over (partition by own_work.project_id, own_work.commit_sha)
        <= {{ var('coupling_max_files') }}
),

-- The files that changed often enough to be judged. A file that is no longer there may have been
-- one of the project's own.
final as (
    select
        touched.*,
        count(*) over (partition by touched.project_id, touched.file_path) as revisions,
    from touched
    left join files using (project_id, file_path)
    where coalesce(files.is_own, true)
    qualify revisions >= {{ var('coupling_min_revisions') }}
)

select * from final
