{{ config(materialized='ephemeral') }}
with uses as (
    select
        *,
        -- Versions are compatible up to the first number that is not 0; a year does not count.
        try_cast(regexp_extract(version, '^v?(?:\d+!)?(\d+)', 1) as bigint) as major,
        case
            when major = 0 then '0.' || regexp_extract(version, '^v?0\.(\d+)', 1)
            when major < 1990 then major::varchar
        end as line,
    from {{ ref('int_dependencies__uses') }}
),

packages as (
    select
        ecosystem,
        package_name,
        count(distinct version) as version_count,
        count(distinct project_id) as project_count,
        count(distinct row(project_id, version)) filter (where version is not null) as pairs,
        count(distinct project_id) filter (where version is not null) as versioned_projects,
        max_by(uses, version_key) filter (where is_direct) as newest,
    from uses
    group by ecosystem, package_name
    -- If each project uses all of the versions, they do not differ.
    having
        version_count > 1
        and project_count > 1
        and pairs < version_count * versioned_projects
),

final as (
    select
        {{ hash_id(['uses.project_id', 'ecosystem', 'package_name', 'uses.version']) }} as use_id,
        ecosystem,
        package_name,
        uses.project_id,
        uses.version,
        uses.specifier,
        uses.is_installed,
        uses.is_direct,
        uses.is_dev,
        packages.newest.version as newest_version,
        packages.newest.project_id as newest_project_id,
        uses.version_key < packages.newest.version_key as is_behind,
        uses.version_key < packages.newest.version_key
        and uses.line <> packages.newest.line as is_incompatible,
        packages.version_count,
        packages.project_count,
        uses.source_run_id,
    from uses
    inner join packages using (ecosystem, package_name)
)

select * from final
