{{ config(materialized='ephemeral') }}
with known_files as (
    select * from {{ ref('int_copies__known_files') }}
),

folders as (
    select * from {{ ref('int_copies__folders') }}
),

-- With something in it that could not be read, a folder may have anything.
whole_folders as (
    select path from {{ ref('int_mirrors__directories') }}
    where tree_digest is not null
),

totals as (
    select
        folder_path,
        count(*) as file_count,
        sum(weight) as weight,
    from {{ ref('int_copies__files') }}
    where folder_path in (select path from whole_folders)
    group by folder_path
    -- Older code landed no ids.
    having bool_and(blob_id is not null)
),

-- one row per folder and repository with most of its files, now or in an earlier version
final as (
    select
        known_files.folder_path,
        known_files.origin_path,
        folders.project_id as origin_id,
        count(*) as known_files,
        totals.file_count,
        round(sum(known_files.weight) / totals.weight, 6) as known_share,
    from known_files
    inner join totals using (folder_path)
    inner join folders on folders.folder_path = known_files.origin_path
    group by
        known_files.folder_path, known_files.origin_path, folders.project_id, totals.file_count,
        totals.weight
    having
        count(*) >= {{ threshold('DUPLICATE_MIRROR_CONTENT', 'min_identical_files') }}
        and known_share >= {{ threshold('DUPLICATE_MIRROR_CONTENT', 'min_history_share') }}
)

select * from final
