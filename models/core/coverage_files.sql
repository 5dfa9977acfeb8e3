{% set measures = ['lines', 'branches', 'functions'] %}
with files as (
    select file_id, file_kind, is_own from {{ ref('int_files__current') }}
),

measured as (
    select
        runs.quality_run_id,
        runs.tool,
        runs.format,
        runs.reported_at,
        runs.source_run_id,
        runs.project_id as run_project_id,
        paths.path_given,
        places.* exclude (report_path, sha256, run_index, path_index),
        coverage.* exclude (sha256, reader_version, path_index, run_id),
    {{ from_reports('coverage') }}
    left join {{ ref('stg_reports__paths') }} as paths
        on paths.sha256 = coverage.sha256
        and paths.run_seq = coverage.run_seq
        and paths.run_index = coverage.run_index
        and paths.position = coverage.path_index
    where runs.is_newest and runs.is_measured
    -- A report in which nothing at all ran is not a measurement.
    qualify sum(
        coalesce(coverage.lines_hit, 0)
        + coalesce(coverage.branches_hit, 0)
        + coalesce(coverage.functions_hit, 0)
    ) over (partition by runs.quality_run_id) > 0
),

final as (
    select
        {{ hash_id(['measured.quality_run_id', 'measured.position::varchar']) }} as coverage_id,
        measured.quality_run_id,
        coalesce(measured.project_id, measured.run_project_id) as project_id,
        measured.file_id,
        coalesce(measured.file_path, measured.path_given) as file_path,
        measured.match_state,
        measured.matched_by,
        measured.confidence as confidence_ratio,
        files.file_kind,
        files.is_own,
        measured.line_basis,
        {% for measure in measures -%}
        {{ measure }}_found,
        {{ measure }}_hit,
        {{ measure }}_hit / nullif({{ measure }}_found, 0) as {{ measure }}_ratio,
        {% endfor -%}
        measured.missing_lines,
        measured.tool,
        measured.format,
        measured.reported_at,
        measured.source_run_id,
    from measured
    left join files using (file_id)
)

select * from final
