with repositories as (
    select * from {{ ref('int_structure__repositories') }}
    where not is_gone and has_tracked_files
),

tracked_files as (
    select * from {{ ref('stg_crawl__tracked_files') }}
),

-- one row per tracked path in the latest state of its repository
final as (
    select
        tracked_files.repository_path,
        tracked_files.path,
        -- mode 160000 of git: the path is a submodule, not a file
        tracked_files.mode = 57344 as is_submodule,
        tracked_files.object_id,
    from tracked_files
    inner join repositories
        on repositories.path = tracked_files.repository_path
        and repositories.run_id = tracked_files.run_id
)

select * from final
