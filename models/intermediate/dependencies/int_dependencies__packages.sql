with manifests as (
    select * from {{ ref('int_dependencies__manifests') }}
),

contents as (
    select * from {{ ref('int_dependencies__contents') }}
    where canonical_name is not null
),

-- one row per package here; rank 1 represents its name: not a copy, not a submodule, the shortest
-- path
final as (
    select
        contents.ecosystem,
        contents.canonical_name,
        manifests.project_id,
        manifests.project_path,
        manifests.directory_path,
        contents.version,
        contents.version_key,
        row_number() over (
            partition by contents.ecosystem, contents.canonical_name
            order by
                manifests.is_copy,
                manifests.is_submodule,
                length(manifests.project_path),
                manifests.project_path,
                length(manifests.path),
                manifests.path
        ) as provider_rank,
    from manifests
    inner join contents using (sha256, format)
)

select * from final
