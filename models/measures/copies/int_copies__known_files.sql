with contents as (
    select folder_path, path, weight, blob_id from {{ ref('int_copies__files') }}

    union

    select folder_path, path, weight, text_blob_id as blob_id
    from {{ ref('int_copies__files') }}
    where text_blob_id is not null
),

folders as (
    select * from {{ ref('int_copies__folders') }}
),

changes as (
    select distinct commit_sha, blob_after as blob_id
    from {{ ref('int_git__changes') }}
    where blob_after in (select blob_id from contents)
),

-- a content in the history of a repository with a work tree
held as (
    select distinct changes.blob_id, folders.folder_path as origin_path, folders.repository_path
    from changes
    inner join {{ ref('commits') }} as commits using (commit_sha)
    inner join folders on folders.project_id = commits.project_id and folders.is_repository
    where commits.is_reachable
),

-- one row per file of a folder and other repository that has its content in any version
final as (
    select distinct contents.folder_path, held.origin_path, contents.path, contents.weight
    from contents
    inner join held using (blob_id)
    inner join folders
        on folders.folder_path = contents.folder_path
        and folders.repository_path <> held.repository_path
)

select * from final
