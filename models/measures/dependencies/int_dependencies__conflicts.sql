{{ config(materialized='ephemeral') }}
with needed as (
    select
        *,
        {{ last_part('provider_project_path') }} as provider_name,
    from {{ ref('project_dependencies') }}
    where
        scope in ('runtime', 'peer', 'build')
        and provider_project_id <> project_id
        and not is_copy
),

-- One row per project that needs others here when it runs or is built: how many have a version that
-- it accepts, and how many have not.
final as (
    select
        project_id,
        count(*) filter (where is_satisfied) as satisfied,
        count(*) filter (where is_satisfied is false) as conflicts,
        list(
            struct_pack(
                dependency := dependency_name,
                specifier := specifier,
                version_here := provider_version,
                provider := provider_project_path,
                manifest := manifest_path
            )
            order by dependency_name, manifest_path
        ) filter (where is_satisfied is false) as conflicting,
        list(
            'it needs ' || dependency_name || coalesce(' ' || specifier, '')
            || ' (' || manifest_path || '), and ' || provider_name || ' here is '
            || provider_version
            order by dependency_name, manifest_path
        ) filter (where is_satisfied is false) as sentences,
    from needed
    group by project_id
)

select * from final
