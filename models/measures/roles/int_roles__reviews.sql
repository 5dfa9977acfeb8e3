{{ config(materialized='ephemeral') }}
with file_roles as (
    select * from {{ ref('file_roles') }}
    where role_source <> 'override'
),

judged as (
    select
        *,
        case
            when role_source = 'unknown' then 'unknown'
            when
                path_role <> content_role
                and path_confidence >= {{ role_setting('low_confidence_below') }}
                then 'disagreement'
            when confidence < {{ role_setting('low_confidence_below') }} then 'low confidence'
        end as review_reason,
    from file_roles
),

-- one row per file to review, the least certain first
final as (
    select
        *,
        row_number() over (
            order by review_reason = 'unknown', confidence, project_path, file_path
        ) as review_rank,
    from judged
    where review_reason is not null
)

select * from final
