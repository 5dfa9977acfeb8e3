with reviews as (
    select * from {{ ref('int_roles__reviews') }}
),

final as (
    select
        review_rank,
        file_id,
        project_id,
        project_path,
        file_path,
        review_reason,
        primary_role,
        confidence,
        path_role,
        content_role,
        evidence,
        source_run_id,
    from reviews
)

select * from final
