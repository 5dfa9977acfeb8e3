with file_roles as (
    select * from {{ ref('file_roles') }}
),

final as (
    select
        file_id,
        project_id,
        project_path,
        file_path,
        language,
        primary_role,
        confidence,
        secondary_roles,
        role_source,
        evidence,
        path_role,
        content_role,
        source_run_id,
    from file_roles
)

select * from final
