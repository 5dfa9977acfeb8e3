with signals as (
    select * from {{ ref('stg_codegraphx__catalog_project_signals') }}
),

places as (
    select * from {{ ref('int_codegraphx__places') }}
),

keys as (
    {{ path_keys() }}
),

final as (
    select
        signals.source_path,
        signals.source_project,
        signals.files_analyzed,
        signals.collector_files,
        signals.collector_ratio,
        signals.min_score,
        signals.scan_artifact,
        signals.top_collectors_json,
        signals.created_at,
        signals.updated_at,
        signals.source_path_key,
        places.project_id,
        signals.artifact_path as catalog_path,
        signals.run_id as source_run_id,
        keys.path_key as scan_artifact_key,
    from signals
    left join places on places.path = signals.source_path_key
    left join keys
        on keys.artifact_path = signals.artifact_path
        and keys.path = signals.scan_artifact
)

select * from final
