{{ config(materialized='ephemeral') }}
with names as (
    select * from {{ ref('technology_commands') }}
),

-- one row per manifest, and command that its project calls by a usual name
declared as (
    select
        manifests.project_id,
        manifests.format,
        manifests.manifest_path,
        names.action,
        min_by(statements.name, names.rank) as name,
    from {{ ref('int_dependencies__manifests') }} as manifests
    inner join {{ ref('int_dependencies__contents') }} as contents using (sha256, format)
    inner join {{ ref('stg_manifests__statements') }} as statements
        on statements.run_id = contents.run_id
        and statements.sha256 = contents.sha256
        and statements.format = contents.format
        and statements.kind = 'command'
    inner join names on names.name = statements.name
    where manifests.scope is distinct from 'dev' or manifests.format in ('tox', 'nox')
    group by manifests.project_id, manifests.format, manifests.manifest_path, names.action
),

-- of several manifests, the topmost one with commands
topmost as (
    select
        project_id,
        format,
        min_by(manifest_path, (length(manifest_path), manifest_path)) as manifest_path,
    from declared
    group by project_id, format
),

-- one row per project and format
final as (
    select
        project_id,
        format,
        {{ parent_path("'/' || manifest_path") }} as folder,
        max(name) filter (where action = 'install') as install_name,
        max(name) filter (where action = 'build') as build_name,
        max(name) filter (where action = 'test') as test_name,
        max(name) filter (where action = 'dev') as dev_name,
    from declared
    inner join topmost using (project_id, format, manifest_path)
    group by project_id, format, manifest_path
)

select * from final
