{{ config(materialized='ephemeral') }}
with absolute as (
    select * from {{ ref('int_code__python_wanted') }}
    where level = 0
),

providers as (
    select * from {{ ref('int_code__python_providers') }}
),

-- one row per import of Python and name that it may have in a project
final as (
    select
        file_id,
        import_index,
        2 as step,
        part,
        project_id || ' ' || dotted as key,
        'package' as via,
    from absolute

    union all

    select
        absolute.file_id,
        absolute.import_index,
        4 as step,
        absolute.part,
        providers.provider_project_id || ' ' || absolute.dotted as key,
        'dependency' as via,
    from absolute
    inner join providers
        on providers.first_name = absolute.first_name
        and coalesce(providers.project_id, absolute.project_id) = absolute.project_id
        and providers.provider_project_id <> absolute.project_id
    where not absolute.is_standard
)

select * from final
