with repositories as (
    select * from {{ ref('int_structure__repositories') }}
    where not is_gone and has_tracked_files
),

tracked_files as (
    select * from {{ ref('stg_crawl__tracked_files') }}
),

-- a tracked path as the newest landed state of its repository has it
final as (
    select
        tracked_files.repository_path,
        tracked_files.path,
        -- git's mode 160000: the path is a submodule's, not a file
        tracked_files.mode = 57344 as is_submodule,
    from tracked_files
    inner join repositories
        on repositories.path = tracked_files.repository_path
        and repositories.run_id = tracked_files.run_id
)

select * from final
