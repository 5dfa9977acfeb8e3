{{ config(materialized='ephemeral') }}
with manifests as (
    select * from {{ ref('int_dependencies__manifests') }}
),

contents as (
    select * from {{ ref('int_dependencies__contents') }}
),

entries as (
    select * from {{ ref('int_dependencies__entries') }}
    where scope = 'version'
),

files as (
    select path, sha256 from {{ ref('int_files__current') }}
    where sha256 is not null and not is_symlink
),

-- one row per manifest that takes its version from an attribute of a module that was read
final as (
    select
        manifests.path,
        modules.version,
        modules.version_key,
    from manifests
    inner join contents using (sha256, format)
    inner join entries using (sha256, format)
    inner join files
        on files.path = {{ resolve_path('manifests.directory_path', 'entries.pointer') }}
    inner join contents as modules
        on modules.sha256 = files.sha256 and modules.format = 'attribute ' || entries.group_name
    where contents.version is null
    qualify row_number() over (
        partition by manifests.path order by modules.version is null, entries.position
    ) = 1
)

select * from final
