with signals as (
    select * from {{ ref('stg_codegraphx__catalog_file_signals') }}
),

places as (
    select * from {{ ref('int_codegraphx__places') }}
),

final as (
    select
        signals.id,
        signals.source_path,
        signals.source_project,
        signals.file_path,
        signals.language,
        signals.collector_score,
        signals.is_file_collector,
        signals.signal_walk,
        signals.signal_read,
        signals.signal_filter,
        signals.signal_metadata,
        signals.signal_aggregate,
        signals.signal_fs_imports,
        signals.signal_name_hint,
        signals.evidence_json,
        signals.created_at,
        signals.updated_at,
        signals.source_path_key,
        signals.file_path_key,
        places.project_id,
        {{ is_innermost('signals', 'signals.file_path_key') }} as is_innermost,
        signals.artifact_path as catalog_path,
        signals.run_id as source_run_id,
    from signals
    left join places on places.path = {{ parent_path('signals.file_path_key') }}
)

select * from final
