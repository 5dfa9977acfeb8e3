{{ config(materialized='ephemeral') }}
with projects as (
    select * from {{ ref('int_structure__projects') }}
    where exists (select 1 from {{ ref('int_coverage__sources') }} where scan_source = 'codegraphx')
),

scope as (
    select * from {{ ref('codegraphx_scope') }}
),

scan_files as (
    select path_key, ext from {{ ref('codegraphx_scan_files') }}
    where is_counted
),

extensions as (
    select name as ext from scope
    where part = 'ext'

    union

    select ltrim(lower(ext), '.') from scan_files
),

excluded_names as (
    select list(name) as names from scope
    where part = 'excluded'
),

-- one row per file on disk with an extension that CodeGraphX reads; links do not count
final as (
    select
        files.project_id,
        files.file_path,
        -- A scan is not expected to have more than the project's own files.
        list_has_any(string_split(files.file_path, '/'), excluded_names.names)
        or (not files.is_own and scan_files.path_key is null) as is_excluded,
        -- A chunk scan skips files at the top, and folders that begin with a dot.
        contains(files.file_path, '/') and not starts_with(files.file_path, '.') as is_in_a_chunk,
        scan_files.path_key is not null as is_scanned,
    from {{ ref('int_files__current') }} as files
    inner join projects using (project_id)
    inner join extensions using (ext)
    cross join excluded_names
    left join scan_files on scan_files.path_key = files.path
    where not files.is_symlink
)

select * from final
