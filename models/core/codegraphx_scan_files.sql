with scan_rows as (
    select * from {{ ref('stg_codegraphx__scan_rows') }}
    -- A path in two spellings is one file.
    qualify row_number() over (partition by artifact_number, path_key order by position) = 1
),

places as (
    select * from {{ ref('int_codegraphx__places') }}
),

scans as (
    select * from {{ ref('int_codegraphx__scans') }}
),

files as (
    select path, size_bytes from {{ ref('int_files__current') }}
),

artifacts as (
    select artifact_path, produced_at from {{ ref('codegraphx_artifacts') }}
),

-- For a file outside all projects, the newest scan counts.
outside as (
    select
        scan_rows.path_key,
        max_by(scan_rows.artifact_path, (artifacts.produced_at, scan_rows.artifact_path))
            as artifact_path,
    from ({{ current_rows('codegraphx_scan_rows') }}) as scan_rows
    inner join artifacts using (artifact_path)
    inner join places on places.path = {{ parent_path('scan_rows.path_key') }}
    where places.project_id is null
    group by scan_rows.path_key
),

final as (
    select
        scan_rows.artifact_path,
        places.project_id,
        scan_rows.project,
        substr(scan_rows.path_key, length(rtrim(places.project_path, '/')) + 2) as file_path,
        scan_rows.path_key,
        scan_rows.path,
        scan_rows.root,
        scan_rows.rel_path,
        scan_rows.ext,
        scan_rows.size_bytes,
        coalesce(scans.scan_path, outside.artifact_path) is not null as is_counted,
        case
            when files.path is not null then true
            when places.is_listed then false
        end as is_on_disk,
        files.size_bytes as disk_size_bytes,
        scan_rows.run_id as source_run_id,
    from scan_rows
    left join places on places.path = {{ parent_path('scan_rows.path_key') }}
    left join scans
        on scans.project_id = places.project_id and scans.scan_path = scan_rows.artifact_path
    left join outside
        on outside.path_key = scan_rows.path_key and outside.artifact_path = scan_rows.artifact_path
    left join files on files.path = scan_rows.path_key
)

select * from final
