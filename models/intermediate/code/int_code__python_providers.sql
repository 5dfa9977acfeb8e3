{{ config(materialized='ephemeral') }}
with names as (
    select distinct project_id, split_part(dotted, '.', 1) as first_name
    from {{ ref('int_code__python_names') }}
    where not is_test
),

packages as (
    select * from {{ ref('int_dependencies__packages') }}
    where ecosystem = 'python' and provider_rank = 1
),

-- one row per first name of an import, and project that provides it to a project; to every project,
-- if the project that provides it is called so
final as (
    select
        needed.project_id,
        names.first_name,
        names.project_id as provider_project_id,
    from names
    inner join {{ ref('int_code__needed_projects') }} as needed
        on needed.provider_project_id = names.project_id

    union

    select
        null as project_id,
        names.first_name,
        names.project_id as provider_project_id,
    from names
    inner join packages
        on packages.project_id = names.project_id
        and replace(packages.canonical_name, '-', '_') = lower(names.first_name)
)

select * from final
