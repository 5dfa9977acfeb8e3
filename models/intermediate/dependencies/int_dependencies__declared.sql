with manifests as (
    select * from {{ ref('int_dependencies__manifests') }}
),

entries as (
    select * from {{ ref('int_dependencies__entries') }}
),

contents as (
    select sha256, format, canonical_name as own_name from {{ ref('int_dependencies__contents') }}
),

declared as (
    select
        manifests.* exclude (scope),
        manifests.scope as file_scope,
        contents.own_name,
        entries.* exclude (sha256, format),
    from manifests
    inner join contents using (sha256, format)
    inner join entries using (sha256, format)
),

-- a dependency in the root of a Cargo workspace that a member inherits
inherited as (
    select
        declared.path,
        declared.position,
        roots.directory_path,
        roots.canonical_name,
        roots.specifier,
        roots.pointer_kind,
        roots.pointer,
        roots.accepted_versions,
    from declared
    inner join declared as roots
        on roots.project_id = declared.project_id
        and roots.scope = 'inherited'
        and roots.source_key = 'workspace.dependencies.' || declared.name
        and {{ is_beneath('declared.directory_path', 'roots.directory_path') }}
    where declared.ecosystem = 'cargo' and declared.pointer_kind = 'workspace'
    qualify row_number() over (
        partition by declared.path, declared.position
        order by length(roots.directory_path) desc, roots.path, roots.position
    ) = 1
),

-- one row per dependency of a manifest, with the folder that it points at
final as (
    select
        declared.project_id,
        declared.project_path,
        declared.path,
        declared.manifest_path,
        declared.position,
        declared.is_copy,
        declared.ecosystem,
        coalesce(inherited.canonical_name, declared.canonical_name) as canonical_name,
        coalesce(inherited.specifier, declared.specifier) as specifier,
        -- A runtime dependency in a file for developers is a dependency of developers.
        case
            when declared.scope = 'runtime' then coalesce(declared.file_scope, declared.scope)
            else declared.scope
        end as scope,
        coalesce(inherited.accepted_versions, declared.accepted_versions) as accepted_versions,
        coalesce(inherited.pointer_kind, declared.pointer_kind) as pointer_kind,
        coalesce(inherited.pointer, declared.pointer) as pointer,
        case
            when coalesce(inherited.pointer_kind, declared.pointer_kind) = 'path'
                then {{ resolve_path(
                    'coalesce(inherited.directory_path, declared.directory_path)',
                    'coalesce(inherited.pointer, declared.pointer)',
                ) }}
        end as pointed_path,
        declared.run_id,
        declared.run_seq,
    from declared
    left join inherited using (path, position)
    where
        declared.scope not in ('include', 'constraint', 'inherited', 'indirect', 'version')
        -- A package names itself to combine its own extras.
        and not coalesce(declared.own_name = declared.canonical_name, false)
)

select * from final
