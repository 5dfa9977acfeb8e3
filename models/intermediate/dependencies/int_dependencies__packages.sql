with manifests as (
    select * from {{ ref('int_dependencies__manifests') }}
),

contents as (
    select * from {{ ref('int_dependencies__contents') }}
    where canonical_name is not null
),

-- one row per package here; provider_rank 1 represents its name: not a copy, not a submodule, the
-- shortest path; version_rank 1 gives the version of the package in the project: pyproject.toml, as
-- setup.py beside it may be left over
final as (
    select
        contents.ecosystem,
        contents.canonical_name,
        manifests.project_id,
        manifests.project_path,
        manifests.directory_path,
        coalesce(contents.version, versions.version) as version,
        coalesce(contents.version_key, versions.version_key) as version_key,
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
        row_number() over (
            partition by contents.ecosystem, contents.canonical_name, manifests.project_id
            order by
                manifests.is_copy,
                length(manifests.directory_path),
                manifests.directory_path,
                manifests.format <> 'pyproject',
                coalesce(contents.version, versions.version) is null,
                manifests.path
        ) as version_rank,
    from manifests
    inner join contents using (sha256, format)
    left join {{ ref('int_dependencies__versions') }} as versions using (path)
)

select * from final
