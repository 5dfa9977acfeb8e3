with manifests as (
    select * from {{ ref('int_dependencies__manifests') }}
),

entries as (
    select * from {{ ref('int_dependencies__entries') }}
),

contents as (
    select sha256, format, canonical_name as own_name from {{ ref('int_dependencies__contents') }}
),

said as (
    select
        manifests.* exclude (scope),
        manifests.scope as file_scope,
        contents.own_name,
        entries.* exclude (sha256, format),
    from manifests
    inner join contents using (sha256, format)
    inner join entries using (sha256, format)
),

-- what the root of a Cargo workspace declares for those of its members that ask for it
inherited as (
    select
        said.path,
        said.position,
        roots.directory_path,
        roots.canonical_name,
        roots.specifier,
        roots.pointer_kind,
        roots.pointer,
    from said
    inner join said as roots
        on roots.project_id = said.project_id
        and roots.scope = 'inherited'
        and roots.source_key = 'workspace.dependencies.' || said.name
        and {{ is_beneath('said.directory_path', 'roots.directory_path') }}
    where said.ecosystem = 'cargo' and said.pointer_kind = 'workspace'
    qualify row_number() over (
        partition by said.path, said.position
        order by length(roots.directory_path) desc, roots.path, roots.position
    ) = 1
),

-- a dependency as one manifest has it, and the folder that it points at
final as (
    select
        said.project_id,
        said.project_path,
        said.path,
        said.manifest_path,
        said.position,
        said.is_copy,
        said.ecosystem,
        coalesce(inherited.canonical_name, said.canonical_name) as canonical_name,
        coalesce(inherited.specifier, said.specifier) as specifier,
        -- What is needed at run time by a file for developers is needed by developers.
        case
            when said.scope = 'runtime' then coalesce(said.file_scope, said.scope)
            else said.scope
        end as scope,
        coalesce(inherited.pointer_kind, said.pointer_kind) as pointer_kind,
        coalesce(inherited.pointer, said.pointer) as pointer,
        case
            when coalesce(inherited.pointer_kind, said.pointer_kind) = 'path' then {{ resolve_path(
                'coalesce(inherited.directory_path, said.directory_path)',
                'coalesce(inherited.pointer, said.pointer)',
            ) }}
        end as pointed_path,
        said.run_id,
        said.run_seq,
    from said
    left join inherited using (path, position)
    where
        said.scope not in ('include', 'constraint', 'inherited', 'indirect')
        -- A package asks for itself to gather extras of its own.
        and not coalesce(said.own_name = said.canonical_name, false)
)

select * from final
