{{ config(materialized='ephemeral') }}
with severities as (
    select * from {{ ref('report_severities') }}
),

advisories as (
    select
        sha256,
        run_seq,
        run_index,
        path_index,
        advisory_id,
        ecosystem,
        name,
        coalesce(canonical_name, name) as canonical_name,
        version,
        lower(level) as level,
        {{ cvss_band('cvss_score') }} as severity,
        cvss_score,
        coalesce(from_json(fixed_versions, '["varchar"]'), []) as fixed_versions,
        title,
        url,
        is_direct,
        is_suppressed,
        suppression,
    from {{ ref('stg_reports__advisories') }}

    union all by name

    select * exclude (fixed, aliases) from {{ ref('int_reports__named_advisories') }}
),

-- one row per advisory that the newest measured run of a tool reports for a package
final as (
    select
        runs.quality_run_id,
        coalesce(places.project_id, runs.project_id) as project_id,
        places.file_id,
        runs.tool,
        runs.reported_at,
        runs.source_run_id,
        advisories.* exclude (sha256, run_seq, run_index, path_index, level) replace (
            coalesce(
                advisories.severity, by_tool.severity, by_format.severity, by_word.severity
            ) as severity
        ),
    {{ from_reports('advisories', relation='advisories') }}
    {{ joined_severities('lower(runs.tool)', 'runs.format', 'advisories.level') }}
    where runs.is_newest and runs.is_measured
)

select * from final
