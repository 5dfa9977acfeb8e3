with changes as (
    select * from {{ ref('int_changes__every') }}
),

final as (
    select
        change_id,
        changed_at,
        project_id,
        project_path,
        project_name,
        change_kind,
        subject,
        value_before,
        value_after,
        sentence,
        severity,
        cause,
        gap_type,
        finding_id,
        recorded_run_id,
        source_run_id,
    from changes
)

select * from final
order by changed_at desc, project_path, change_kind, change_id
