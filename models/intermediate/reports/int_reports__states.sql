with states as (
    select * from {{ ref('stg_reports__reports') }}
),

-- one row per reading of a content; a newer reader, or a whole landing after a damaged one, counts
contents as (
    select
        sha256,
        format,
        max(run_seq) as reading_seq,
        max_by(reader_version, run_seq) as reader_version,
    from {{ ref('stg_reports__contents') }}
    group by sha256, format
),

projects as (
    select * from {{ ref('int_structure__projects') }}
    where not is_gone
),

newest as (
    select
        report_path,
        max_by(state, run_seq) as state,
        max_by(sha256, run_seq) as sha256,
    from states
    group by report_path
),

-- one row per report and content that it had
landed as (
    select
        report_path,
        sha256,
        max_by(format, run_seq) as format,
        max(run_seq) as run_seq,
        max_by(run_id, run_seq) as run_id,
        min(landed_at) as landed_at,
        min(mtime_ns) as mtime_ns,
    from states
    where state = 'landed'
    group by report_path, sha256
),

around as (
    select report_path, unnest({{ ancestors('report_path') }}) as above_path
    from newest
),

innermost as (
    select
        around.report_path,
        max_by(projects, length(projects.project_path)) as project,
    from around
    inner join projects on rtrim(projects.project_path, '/') = around.above_path
    group by around.report_path
),

final as (
    select
        landed.*,
        {{ parent_path('landed.report_path') }} as folder,
        contents.reading_seq,
        contents.reader_version,
        innermost.project.project_id as project_id,
        innermost.project.project_path as project_path,
        innermost.project.kind as project_kind,
        newest.state = 'landed' and newest.sha256 = landed.sha256 as is_current,
    from landed
    inner join contents using (sha256, format)
    inner join newest using (report_path)
    left join innermost using (report_path)
)

select * from final
