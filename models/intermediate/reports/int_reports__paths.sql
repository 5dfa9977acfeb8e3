{{ config(materialized='ephemeral') }}
with states as (
    select * from {{ ref('int_reports__states') }}
),

runs as (
    select
        *,
        -- a folder, or the URI of one
        case
            when starts_with(working_directory, 'file:')
                then url_decode(regexp_replace(working_directory, '^file:(//[^/]*)?', ''))
            else working_directory
        end as place,
    from {{ ref('stg_reports__runs') }}
),

-- one row per report, content and path that it names; the numbers are for joins
final as (
    select
        row_number() over (
            order by states.report_path, states.sha256, paths.run_index, paths.position
        ) as path_no,
        dense_rank() over (
            order by states.report_path, states.sha256, paths.run_index
        ) as run_no,
        states.report_path,
        states.sha256,
        paths.run_index,
        paths.position as path_index,
        paths.place,
        paths.place_kind,
        paths.bases,
        states.folder,
        -- below its project, whatever kind that is
        case
            when states.project_path is null then ''
            else substr(states.folder, length(rtrim(states.project_path, '/')) + 2)
        end as inner_folder,
        case when states.project_kind <> 'loose_files' then states.project_id end
            as own_project_id,
        -- a drive has a letter and forward slashes, as in the keys of paths
        case
            when regexp_matches(runs.place, '^/?[A-Za-z]:[/\\]')
                then lower(ltrim(replace(runs.place, '\', '/'), '/'))
            when starts_with(runs.place, '/') then coalesce(nullif(rtrim(runs.place, '/'), ''), '/')
        end as working_directory,
    from states
    inner join {{ ref('stg_reports__paths') }} as paths
        on paths.sha256 = states.sha256
        and paths.run_seq = states.reading_seq
    left join runs
        on runs.sha256 = paths.sha256
        and runs.run_seq = paths.run_seq
        and runs.position = paths.run_index
)

select * from final
