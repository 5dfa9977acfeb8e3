{{ config(materialized='ephemeral') }}
with reports as (
    select * from {{ ref('stg_codegraphx__reports') }}
    where kind = 'snapshot'
),

totals as (
    select
        artifact_path,
        count(*) as total,
        min(length(hash)) as hash_length,
    from {{ ref('stg_codegraphx__snapshot_entries') }}
    group by artifact_path
),

-- one row per snapshot; a snapshot without entries is one of an empty folder
final as (
    select
        reports.artifact_path,
        {{ parent_path('reports.artifact_path') }} as folder,
        coalesce({{ json_text('reports.document', 'snapshot_id') }}, reports.artifact_path)
            as snapshot,
        {{ utc_time(json_text('reports.document', 'created_at')) }} as created_at,
        coalesce(totals.total, 0) as total,
        totals.hash_length,
        reports.run_seq,
        reports.run_id,
    from reports
    left join totals using (artifact_path)
)

select * from final
