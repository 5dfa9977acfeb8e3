{{ config(materialized='ephemeral') }}
-- The state of the default branch with most files of the folder in it.
with closest as (
    select * from {{ ref('int_copies__closest') }}
    where not has_head
),

files as (
    select * from {{ ref('int_copies__files') }}
),

contents as (
    select folder_path, path, place, blob_id from files

    union

    select folder_path, path, place, text_blob_id as blob_id
    from files
    where text_blob_id is not null
),

-- a file of the folder in the history of the repository, if possible at the same place
versions as (
    select
        closest.folder_path,
        closest.origin_id,
        contents.path,
        versions.file_path,
        versions.chain_place,
        versions.next_place,
    from closest
    inner join contents using (folder_path)
    inner join {{ ref('file_versions') }} as versions
        on versions.project_id = closest.origin_id
        and versions.blob_id = contents.blob_id
    where
        versions.file_path = contents.place
        or ends_with(versions.file_path, '/' || contents.place)
        or ends_with(contents.place, '/' || versions.file_path)
    qualify dense_rank() over (
        partition by closest.folder_path, contents.path
        order by
            versions.file_path <> contents.place, length(versions.file_path), versions.file_path
    ) = 1
),

steps as (
    select folder_path, origin_id, chain_place, 1 as step from versions

    union all

    select folder_path, origin_id, next_place as chain_place, -1 as step
    from versions
    where next_place is not null
),

changed as (
    select folder_path, origin_id, chain_place, sum(step) as step
    from steps
    group by folder_path, origin_id, chain_place
),

counted as (
    select
        folder_path,
        origin_id,
        chain_place,
        sum(step) over lived as same_files,
        lead(chain_place) over lived as next_place,
    from changed
    window lived as (partition by folder_path order by chain_place)
),

-- one row per folder: the newest of the states with most of its files
final as (
    select *
    from counted
    qualify
        row_number() over (partition by folder_path order by same_files desc, chain_place desc) = 1
)

select * from final
