with manifests as (
    select * from {{ ref('manifest_files') }}
),

files as (
    select * from {{ ref('int_files__current') }}
    where file_kind <> 'vendored'
),

final as (
    select
        {{ hash_id(['files.project_id', 'files.file_path']) }} as package_id,
        files.project_id,
        files.project_path,
        files.file_path as manifest_path,
        coalesce(nullif({{ parent_path("'/' || files.file_path") }}, '/'), '/')[2:] as package_path,
        manifests.ecosystem,
        files.first_seen,
        files.last_seen,
        files.run_id as source_run_id,
    from files
    inner join manifests on manifests.file_name = files.name
)

select * from final
