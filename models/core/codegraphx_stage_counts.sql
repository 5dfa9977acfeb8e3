with reports as (
    select * from {{ ref('stg_codegraphx__reports') }}
),

stages as (
    select
        artifact_path,
        item,
    from {{ ref('stg_codegraphx__report_items') }}
    where kind = 'pipeline_manifest' and list = 'stages'
),

-- a stage of a recorded run; after an error, the later stages are missing
from_manifests as (
    select
        reports.artifact_path,
        {{ json_text('stages.item', 'stage') }} as stage,
        {{ json_text('reports.document', 'status') }} as run_status,
        nullif({{ json_text('reports.document', 'error') }}, '') as run_error,
        {{ json_text('stages.item', 'status') }} as status,
        nullif({{ json_text('stages.item', 'error') }}, '') as error,
        nullif({{ json_text('stages.item', 'output') }}, '') as output,
        try_cast({{ json_text('stages.item', 'count') }} as bigint) as item_count,
        {{ epoch_time(json_text('stages.item', 'started_at')) }} as started_at,
        {{ epoch_time(json_text('stages.item', 'ended_at')) }} as ended_at,
        try_cast({{ json_text('stages.item', 'duration_sec') }} as double) as duration_seconds,
        reports.run_id,
    from reports
    inner join stages using (artifact_path)
    where reports.kind = 'pipeline_manifest'
),

-- the counts beside the output of a stage, which each run overwrites
from_counts as (
    select
        artifact_path,
        split_part(kind, '_', 1) as stage,
        try_cast(coalesce(
            {{ json_text('document', 'files_total') }},
            {{ json_text('document', 'events_total') }},
            {{ json_text('document', 'loaded_events') }}
        ) as bigint) as item_count,
        try_cast({{ json_text('document', 'cache_hits') }} as bigint) as cache_hits,
        try_cast({{ json_text('document', 'cache_misses') }} as bigint) as cache_misses,
        run_id,
    from reports
    where kind in ('parse_meta', 'extract_meta', 'load_meta')
),

every_stage as (
    select * from from_manifests

    union all by name

    select * from from_counts
),

final as (
    select
        every_stage.artifact_path,
        every_stage.stage,
        every_stage.run_status,
        every_stage.run_error,
        every_stage.status,
        every_stage.error,
        every_stage.output,
        every_stage.item_count,
        every_stage.cache_hits,
        every_stage.cache_misses,
        every_stage.started_at,
        coalesce(every_stage.ended_at, artifacts.produced_at) as ended_at,
        every_stage.duration_seconds,
        every_stage.run_id as source_run_id,
    from every_stage
    inner join {{ ref('codegraphx_artifacts') }} as artifacts using (artifact_path)
    -- A manifest that names a stage twice is invalid; the newest is kept so that the key stays
    -- unique.
    qualify row_number() over (
        partition by every_stage.artifact_path, every_stage.stage
        order by every_stage.started_at desc nulls last
    ) = 1
)

select * from final
