{{ config(materialized='ephemeral') }}
-- No state of the default branch has all of the files. They may be those of a release branch: then
-- the newest of them gives the time.
with closest as (
    select closest.*
    from {{ ref('int_copies__closest') }} as closest
    left join {{ ref('int_copies__best_states') }} as best_states using (folder_path)
    where not closest.has_head and best_states.same_files is distinct from closest.known_files
),

contents as (
    select folder_path, path, place, blob_id from {{ ref('int_copies__files') }}

    union

    select folder_path, path, place, text_blob_id as blob_id
    from {{ ref('int_copies__files') }}
    where text_blob_id is not null
),

-- a file of the folder, and the first commit that gave it this content at its place
added as (
    select
        closest.folder_path,
        contents.path,
        min_by(commits.commit_sha, (commits.committed_at, commits.commit_sha)) as commit_sha,
        min(commits.committed_at) as committed_at,
    from closest
    inner join contents using (folder_path)
    inner join {{ ref('int_git__changes') }} as changes
        on changes.blob_after = contents.blob_id
        and (
            changes.file_path = contents.place
            or ends_with(changes.file_path, '/' || contents.place)
            or ends_with(contents.place, '/' || changes.file_path)
        )
    inner join {{ ref('commits') }} as commits
        on commits.project_id = closest.origin_id
        and commits.commit_sha = changes.commit_sha
        and commits.is_reachable
    group by closest.folder_path, contents.path
),

final as (
    select
        folder_path,
        max_by(commit_sha, (committed_at, commit_sha)) as commit_sha,
    from added
    group by folder_path
)

select * from final
