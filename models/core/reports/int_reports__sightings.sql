with runs as (
    select * from {{ ref('int_reports__runs') }}
),

places as (
    select * from {{ ref('int_reports__places') }}
),

paths as (
    select * from {{ ref('stg_reports__paths') }}
),

origins as (
    select * from {{ ref('int_reports__origins') }}
),

placed as (
    select
        findings.*,
        runs.quality_run_id,
        runs.report_path,
        runs.series,
        runs.source_run_id,
        places.file_id,
        places.project_id as file_project_id,
        coalesce(places.file_path, paths.place, paths.path_given) as named_path,
        places.match_state,
        places.matched_by,
        places.confidence,
        coalesce(origins.origin_path, named_path, '') as origin_path,
        -- A line of source survives other lines above it, a message does so without its numbers.
        coalesce(
            findings.secret_hash,
            findings.line_hash,
            concat_ws(
                chr(31), findings.logical_name, regexp_replace(findings.message, '[0-9]+', '#', 'g')
            )
        ) as anchor,
    from {{ ref('int_reports__findings') }} as findings
    inner join runs
        on runs.sha256 = findings.sha256
        and runs.reading_seq = findings.reading_seq
        and runs.run_index = findings.run_index
    left join places
        on places.report_path = runs.report_path
        and places.sha256 = findings.sha256
        and places.run_index = findings.run_index
        and places.path_index = findings.path_index
    left join paths
        on paths.sha256 = findings.sha256
        and paths.run_seq = findings.reading_seq
        and paths.run_index = findings.run_index
        and paths.position = findings.path_index
    left join origins
        on origins.project_id = places.project_id
        and origins.file_path = places.file_path
),

-- One row per run and finding in it. Its fingerprint has its rule (without the folder that some
-- tools put before it), its file by its first path, and what it says; equal ones are numbered.
final as (
    select
        *,
        {{ hash_id([
            "coalesce(file_project_id, series)",
            "tool",
            "lower(regexp_extract(rule_id, '[^.]+$'))",
            "origin_path",
            "anchor",
            "cast(nullif(row_number() over (
                partition by quality_run_id, lower(regexp_extract(rule_id, '[^.]+$')), origin_path,
                    anchor
                order by start_line, start_column, position
            ), 1) as varchar)",
        ]) }} as finding_id,
    from placed
)

select * from final
