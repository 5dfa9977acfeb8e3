{{ config(materialized='ephemeral') }}
-- One row per entry of the disk that a crawl says is there, by its path without a slash at the end,
-- and whether what it does not list below it is not there.
select
    rtrim(path, '/') as path,
    state = 'listed' and unreadable_since_seq is null as is_told,
from {{ ref('int_structure__directories') }}

union all

-- What lies behind a link is not below it.
select
    path,
    false as is_told,
from {{ ref('int_files__states') }}
where state <> 'gone'
