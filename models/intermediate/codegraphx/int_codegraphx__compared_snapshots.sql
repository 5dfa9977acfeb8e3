{{ config(materialized='ephemeral') }}
with snapshots as (
    select * from {{ ref('int_codegraphx__snapshots') }}
),

reports as (
    select
        *,
        {{ json_text('document', 'counts') }} as counts,
    from {{ ref('stg_codegraphx__reports') }}
    where kind in ('snapshot_report', 'delta')
),

consecutive as (
    select
        lag(artifact_path) over in_time as old_path,
        artifact_path as new_path,
    from snapshots
    window in_time as (partition by folder order by created_at, snapshot, artifact_path)
    qualify old_path is not null
),

-- the counts of the newest report or delta about two snapshots in the folder `snapshots` beside it
reported as (
    select
        old.artifact_path as old_path,
        new.artifact_path as new_path,
        reports.artifact_path as report_path,
        {% for name in ['added', 'removed', 'changed', 'unchanged'] -%}
        try_cast({{ json_text('reports.counts', name) }} as bigint) as reported_{{ name }},
        {% endfor %}
    from reports
    inner join snapshots as old
        on old.snapshot = {{ json_text('reports.document', 'old') }}
        and old.folder = rtrim({{ parent_path('reports.artifact_path') }}, '/') || '/snapshots'
    inner join snapshots as new
        on new.snapshot = {{ json_text('reports.document', 'new') }} and new.folder = old.folder
    qualify row_number() over (
        partition by old.artifact_path, new.artifact_path
        order by reports.run_seq desc, reports.artifact_path
    ) = 1
),

-- one row per pair to compare: consecutive snapshots of a folder, and those of a report
final as (
    select *
    from consecutive
    full join reported using (old_path, new_path)
)

select * from final
