with states as (
    select * from {{ ref('int_reports__states') }}
),

paths as (
    select
        states.report_path,
        states.sha256,
        paths.run_index,
        paths.position as path_index,
        paths.place,
        paths.place_kind,
        states.folder,
        nullif(states.project_path, states.folder) as project_path,
    from states
    inner join {{ ref('stg_reports__paths') }} as paths
        on paths.sha256 = states.sha256
        and paths.run_seq = states.reading_seq
),

files as (
    select * from {{ ref('int_files__current') }}
),

ways as (
    select * from {{ ref('report_path_ways') }}
),

-- one row per path and place where it may be
candidates as (
    select
        *,
        {{ resolve_path('folder', 'place') }} as path,
        case when place_kind = 'absolute' then 'absolute' else 'report folder' end as way,
    from paths

    union all

    select
        *,
        {{ resolve_path('project_path', 'place') }} as path,
        'project' as way,
    from paths
    where place_kind = 'relative'
),

found as (
    select
        candidates.report_path,
        candidates.sha256,
        candidates.run_index,
        candidates.path_index,
        count(distinct files.path) as file_count,
        min_by(files, ways.confidence) as file,
        min_by(ways, ways.confidence) as way,
    from candidates
    inner join files using (path)
    inner join ways using (way)
    where candidates.place_kind in ('relative', 'absolute')
    group by all
),

final as (
    select
        paths.report_path,
        paths.sha256,
        paths.run_index,
        paths.path_index,
        case when found.file_count = 1 then found.file.file_id end as file_id,
        case when found.file_count = 1 then found.file.project_id end as project_id,
        case when found.file_count = 1 then found.file.file_path end as file_path,
        case
            when paths.place_kind = 'none' then 'no_file'
            when found.file_count is null then 'unmatched'
            when found.file_count > 1 then 'ambiguous'
            else 'matched'
        end as match_state,
        case when found.file_count = 1 then found.way.way end as matched_by,
        case when found.file_count = 1 then found.way.confidence end as confidence,
    from paths
    left join found using (report_path, sha256, run_index, path_index)
)

select * from final
