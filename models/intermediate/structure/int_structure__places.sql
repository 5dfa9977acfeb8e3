{{ config(materialized='ephemeral') }}
with directories as (
    select * from {{ ref('int_structure__directories') }}
),

files as (
    select * from {{ ref('int_files__states') }}
    where state <> 'gone'
),

-- One row per crawled entry of the disk, by its path without a slash at the end, and whether its
-- listing is complete.
final as (
    select
        rtrim(path, '/') as path,
        state = 'listed' and unreadable_since_seq is null as is_listed,
    from directories

    union all

    -- The target of a link is not below the link.
    select
        path,
        false as is_listed,
    from files
)

select * from final
