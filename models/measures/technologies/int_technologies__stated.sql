{{ config(materialized='ephemeral') }}
-- A name that the project has itself is not that of a technology that it uses.
with own_packages as (
    select distinct project_id, ecosystem, canonical_name
    from {{ ref('int_dependencies__packages') }}
),

-- Beside requirements.in, the entries of requirements.txt are those of a lock file.
compiled as (
    select project_id, regexp_replace(path, '[.]in$', '.txt') as path
    from {{ ref('int_dependencies__manifests') }}
    where format = 'requirements' and ends_with(path, '.in')
),

-- one row per dependency or statement of a manifest that counts for its project
final as (
    select
        declared.path,
        'dependency' as kind,
        declared.ecosystem as of_what,
        lower(declared.canonical_name) as name,
        declared.specifier as version,
        declared.scope in ('dev', 'build') as is_dev,
        declared.run_id,
    from {{ ref('int_dependencies__declared') }} as declared
    left join compiled using (project_id, path)
    left join own_packages using (project_id, ecosystem, canonical_name)
    where
        declared.canonical_name is not null
        and compiled.path is null
        and own_packages.project_id is null

    union all

    -- an entry of a catalogue, for the projects that ask for it
    select
        manifests.path,
        'dependency' as kind,
        entries.ecosystem as of_what,
        lower(entries.canonical_name) as name,
        entries.specifier as version,
        false as is_dev,
        entries.run_id,
    from {{ ref('int_dependencies__manifests') }} as manifests
    inner join {{ ref('int_dependencies__entries') }} as entries using (sha256, format)
    where entries.scope = 'inherited' and manifests.format in ('gradle_catalog', 'dotnet')

    union all

    select
        manifests.path,
        statements.kind,
        manifests.format as of_what,
        lower(statements.name) as name,
        statements.value as version,
        false as is_dev,
        statements.run_id,
    from {{ ref('int_dependencies__manifests') }} as manifests
    inner join {{ ref('int_dependencies__contents') }} as contents using (sha256, format)
    inner join {{ ref('stg_manifests__statements') }} as statements
        on statements.run_id = contents.run_id
        and statements.sha256 = contents.sha256
        and statements.format = contents.format
    where statements.kind <> 'command'
)

select * from final
