with manifests as (select * from {{ ref('manifest_files') }}),

files as (
    select
        *,
        {{ last_part('directory_path') }} || '/' || name as folder_and_name,
    from {{ ref('int_files__current') }}
    where file_kind <> 'vendored' and not coalesce(is_ignored, false)
),

formats as (select * from {{ ref('int_dependencies__name_formats') }}),

contents as (select * from {{ ref('int_dependencies__contents') }}),

final as (
    select
        {{ hash_id(['files.project_id', 'files.file_path']) }} as package_id,
        files.project_id,
        files.project_path,
        files.file_path as manifest_path,
        coalesce(nullif({{ parent_path("'/' || files.file_path") }}, '/'), '/')[2:] as package_path,
        manifests.ecosystem,
        files.first_seen,
        coalesce(files.seen_until, crawls.last_crawled_at) as last_seen,
        files.run_id as source_run_id,
        contents.name as package_name,
        coalesce(contents.version, versions.version) as version,
        contents.is_complete,
    from files
    inner join manifests on manifests.file_name = files.name
    left join {{ ref('int_structure__project_crawls') }} as crawls
        on crawls.project_id = files.project_id
    left join formats using (name, folder_and_name)
    left join contents on contents.sha256 = files.sha256 and contents.format = formats.format
    left join {{ ref('int_dependencies__versions') }} as versions on versions.path = files.path
)

select * from final
