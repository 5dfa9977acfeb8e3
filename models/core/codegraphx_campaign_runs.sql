with reports as (
    select * from {{ ref('stg_codegraphx__reports') }}
),

items as (
    select * from {{ ref('stg_codegraphx__report_items') }}
),

keys as (
    {{ path_keys() }}
),

-- a candidate of `enrich campaign`, planned or run
from_campaigns as (
    select
        items.artifact_path,
        items.position,
        {{ json_text('reports.document', 'campaign_id') }} as campaign_id,
        {{ utc_time(json_text('reports.document', 'created_at')) }} as campaign_at,
        try_cast({{ json_text('reports.document', 'execute') }} as boolean) as is_executed,
        {{ json_text('items.item', 'name') }} as name,
        {{ json_text('items.item', 'path') }} as path,
        {{ json_text('items.item', 'tag') }} as tag,
        try_cast({{ json_text('items.item', 'enrich_score') }} as double) as enrich_score,
        {{ json_text('items.item', 'status') }} as status,
        {{ json_text('items.item', 'command') }} as command_argv,
        {{ utc_time(json_text('items.item', 'started_at')) }} as started_at,
        {{ utc_time(json_text('items.item', 'ended_at')) }} as ended_at,
        try_cast({{ json_text('items.item', 'return_code') }} as bigint) as return_code,
        items.run_id,
    from items
    left join reports using (artifact_path)
    where items.kind = 'campaign' and items.list = 'runs'
),

-- a project of a repository-wide enrichment; the oldest reports are bare lists, without a campaign
from_repositories as (
    select
        items.artifact_path,
        items.position,
        {{ json_text('reports.document', 'campaign') }} as campaign_id,
        {{ utc_time(json_text('reports.document', 'generated_at_utc')) }} as campaign_at,
        true as is_executed,
        coalesce(
            {{ json_text('items.item', 'project_name') }}, {{ json_text('items.item', 'label') }}
        ) as name,
        {{ json_text('items.item', 'source_path') }} as path,
        {{ json_text('items.item', 'source_project') }} as tag,
        {{ json_text('items.item', 'status') }} as status,
        try_cast({{ json_text('items.item', 'scan_returncode') }} as bigint) as return_code,
        items.run_id,
    from items
    left join reports using (artifact_path)
    where items.kind = 'repo_enrichment_report' and items.list = 'items'
),

every_run as (
    select * from from_campaigns

    union all by name

    select * from from_repositories
),

final as (
    select
        every_run.artifact_path,
        every_run.position,
        every_run.campaign_id,
        every_run.campaign_at,
        every_run.is_executed,
        every_run.name,
        every_run.path,
        keys.path_key,
        every_run.tag,
        every_run.enrich_score,
        every_run.status,
        every_run.command_argv,
        every_run.started_at,
        every_run.ended_at,
        every_run.return_code,
        places.project_id,
        every_run.run_id as source_run_id,
    from every_run
    left join keys on keys.artifact_path = every_run.artifact_path and keys.path = every_run.path
    left join {{ ref('int_codegraphx__places') }} as places on places.path = keys.path_key
)

select * from final
