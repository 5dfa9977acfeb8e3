{{ config(materialized='ephemeral') }}
with contents as (
    select * from {{ ref('int_dependencies__contents') }}
    where state = 'read'
),

files as (
    select * from {{ ref('int_code__importable_files') }}
    where is_own
),

-- one row per place that a manifest of the workspace names, absolute
final as (
    select
        files.path as manifest_path,
        files.directory_path,
        files.project_id,
        contents.format,
        places.position,
        places.kind,
        places.name,
        {{ resolve_path('files.directory_path', 'places.pointer') }} as place,
    from files
    inner join contents using (sha256)
    inner join {{ ref('stg_manifests__places') }} as places using (run_id, sha256, format)
)

select * from final
