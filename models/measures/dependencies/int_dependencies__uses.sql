{{ config(materialized='ephemeral') }}
-- The version that a manifest pins; a bare version of Cargo is the lowest one that it accepts.
{%- set pinned -%}
case
    when ecosystem = 'python' then regexp_extract(specifier, '^\s*={2,3}\s*([\w.!+-]+)\s*$', 1)
    when ecosystem = 'cargo' then regexp_extract(specifier, '^\s*=\s*(\d+\.\d+\.[\w.+-]+)\s*$', 1)
    when ecosystem = 'npm'
        then regexp_extract(specifier, '^\s*=?\s*v?(\d+\.\d+\.\d+[\w.+-]*)\s*$', 1)
    else regexp_extract(specifier, '^\s*=?\s*(v?\d[\w.+-]*)\s*$', 1)
end
{%- endset %}
with declared as (
    select
        project_id,
        ecosystem,
        dependency_name as package_name,
        min(specifier) as specifier,
        bool_and(scope not in ('runtime', 'peer', 'optional', 'build')) as is_dev,
        min_by(accepted_versions, specifier) as accepted_versions,
        max_by(run_id, run_seq) as source_run_id,
    from {{ ref('int_dependencies__matched') }}
    where not is_copy and provider_project_id is null
    group by project_id, ecosystem, dependency_name
),

installed as (
    select
        *,
        count(*) over (partition by project_id, ecosystem, package_name) as versions,
    from {{ ref('sbom_components') }}
    where not is_root and version is not null and project_id is not null
),

-- one row per project, package and version; the version is NULL if only a range is known
final as (
    select
        installed.project_id,
        installed.ecosystem,
        installed.package_name,
        installed.version,
        installed.version_key,
        declared.specifier,
        -- If a project has several versions, only its reports know which of them it needs itself.
        case
            when declared.project_id is not null and installed.versions = 1 then true
            else installed.is_direct
        end as is_direct,
        coalesce(installed.is_dev, declared.is_dev) as is_dev,
        true as is_installed,
        installed.source_run_id,
    from installed
    left join declared using (project_id, ecosystem, package_name)

    union all

    select
        project_id,
        ecosystem,
        package_name,
        nullif({{ pinned }}, '') as version,
        case when version is not null then split_part(accepted_versions, ' ', 1) end as version_key,
        specifier,
        true as is_direct,
        is_dev,
        false as is_installed,
        source_run_id,
    from declared
    anti join installed using (project_id, ecosystem, package_name)
)

select * from final
