with matched as (
    select * from {{ ref('int_dependencies__matched') }}
),

-- one row per project and dependant; copies need only what their originals need
final as (
    select
        provider_project_id as project_id,
        project_id as dependant_project_id,
        max_by(run_id, run_seq) as run_id,
    from matched
    where provider_project_id is not null and provider_project_id <> project_id and not is_copy
    group by provider_project_id, project_id
)

select * from final
