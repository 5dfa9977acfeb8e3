{{ config(materialized='ephemeral') }}
with readings as (
    select * from {{ ref('int_unsaved__readings') }}
),

things as (
    select
        repository_path as project_path,
        unsaved_kind as kind,
        substr(path, length(rtrim(repository_path, '/')) + 2) as name,
        1 as thing_count,
        size_bytes,
        mtime as changed_at,
        case unsaved_kind when 'unknown' then unknown_reason else precious_reason end as note,
    from {{ ref('int_unsaved__paths') }}
    union all

    select * from {{ ref('int_unsaved__commits') }}
    union all

    select
        project_path,
        case when operation is null then 'unknown' else 'operation' end as kind,
        coalesce(operation, '') as name,
        1 as thing_count,
        null as size_bytes,
        null as changed_at,
        reason as note,
    from readings
    where operation is not null or state = 'unknown'
),

-- one row per thing that may be only on this disk, or of which that is unknown
final as (
    select readings.project_id, things.*, readings.run_id,
    from things
    inner join readings using (project_path)
)

select * from final
