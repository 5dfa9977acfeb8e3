with artifacts as (
    select * from {{ ref('stg_codegraphx__current_artifacts') }}
),

checks as (
    select * from {{ ref('stg_codegraphx__path_checks') }}
),

pointers as (
    select * from {{ ref('stg_codegraphx__pointers') }}
),

-- the time that a document gives for itself
dated as (
    select
        artifact_path,
        kind,
        coalesce(
            {{ utc_time(json_text('document', 'generated_at_utc')) }},
            {{ utc_time(json_text('document', 'created_at')) }},
            {{ epoch_time(json_text('document', 'ended_at')) }}
        ) as produced_at,
    from {{ ref('stg_codegraphx__reports') }}
),

-- A scan has no time of its own; documents that were written with it have one.
dated_by_others as (
    select
        pointers.path_key,
        max(dated.produced_at) as produced_at,
    from pointers
    inner join dated using (artifact_path)
    where dated.kind in ('scan_summary', 'repo_enrichment_report', 'pipeline_manifest')
    group by pointers.path_key
),

merged_scans as (
    select distinct path_key from pointers
    where pointer = 'merged_scan_file'
),

final as (
    select
        artifacts.artifact_path,
        case
            when artifacts.kind <> 'scan' then artifacts.kind
            when merged_scans.path_key is not null then 'merged_scan'
            when starts_with({{ last_part('artifacts.artifact_path') }}, 'scan_merged_')
                then 'merged_scan'
            else 'scan'
        end as kind,
        artifacts.state,
        artifacts.reason,
        artifacts.variant,
        artifacts.checkout_path,
        artifacts.sha256,
        artifacts.size_bytes,
        artifacts.row_count,
        artifacts.quarantined_count,
        artifacts.mtime,
        -- A document or a clock may give a time after the landing, which cannot be right.
        least(
            coalesce(dated.produced_at, dated_by_others.produced_at, artifacts.mtime),
            artifacts.landed_at
        ) as produced_at,
        -- Landed again after it was gone: then it exists. NULL: no run has looked for it.
        case
            when checks.run_seq > artifacts.newest_run_seq and checks.state = 'gone' then false
            when checks.state in ('there', 'gone') then true
        end as is_there,
        artifacts.first_seen,
        coalesce(artifacts.run_id, artifacts.newest_run_id) as source_run_id,
        artifacts.path_bytes,
    from artifacts
    left join checks on checks.path_key = artifacts.artifact_path
    left join dated on dated.artifact_path = artifacts.artifact_path
    left join dated_by_others on dated_by_others.path_key = artifacts.artifact_path
    left join merged_scans on merged_scans.path_key = artifacts.artifact_path
)

select * from final
