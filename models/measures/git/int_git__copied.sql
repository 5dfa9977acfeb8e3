{{ config(materialized='ephemeral') }}
with states as (
    select * from {{ ref('int_copies__states') }}
),

originals as (
    select * from {{ ref('int_git__own_projects') }}
),

-- One row per folder, almost all of whose files are in the history of a repository: whether that
-- repository is the user's own.
final as (
    select
        states.folder_path,
        originals.is_mine,
        'all ' || case
            when states.own_files > 0 then 'but ' || {{ thousands('states.own_files') }} || ' '
            else ''
        end
        || 'of its files are in the history of ' || originals.project_name as mine_reason,
    from states
    inner join originals on originals.project_path = states.origin_path
    where
        states.own_files
        <= {{ weight('mine_max_own_file_share') }} * (states.known_files + states.own_files)
)

select * from final
