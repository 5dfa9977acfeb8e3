with splits as (
    select * from {{ ref('int_reports__splits') }}
),

paths as (
    select path_no, folder, own_project_id from {{ ref('int_reports__paths') }}
),

files as (
    select * from {{ ref('int_reports__files') }}
),

addresses as (
    select * from {{ ref('int_reports__addresses') }}
),

around as (
    select
        splits.*,
        paths.folder,
        unnest({{ ancestors('paths.folder') }}) as above_path,
    from splits
    inner join paths using (path_no)
    where splits.outer_path = '' and not splits.is_package
),

-- one row per path, way to cut it, and file that it then means
final as (
    select
        splits.path_no, splits.run_no, splits.variant_rank, splits.outer_path,
        case when splits.is_mapped then 'mapped prefix' else 'absolute' end as way,
        '/' as inner_path,
        files.project_id, files.file_id, files.path, files.file_path, files.is_former,
        false as is_home,
    from splits
    inner join files on files.named_path = splits.rest
    where splits.outer_path = '/'

    union all

    select
        around.path_no, around.run_no, around.variant_rank, around.outer_path,
        case
            when around.above_path = around.folder then 'report folder'
            when around.above_path = files.project_path then 'project'
            when {{ is_beneath('around.above_path', 'files.project_path') }} then 'folder around'
            else 'parent folder'
        end as way,
        around.above_path as inner_path,
        files.project_id, files.file_id, files.path, files.file_path, files.is_former,
        around.folder = around.above_path and around.folder = files.project_path as is_home,
    from around
    inner join files
        on files.named_path = {{ resolve_path('around.above_path', 'around.rest') }}

    union all

    select
        splits.path_no, splits.run_no, splits.variant_rank, splits.outer_path,
        addresses.way,
        concat_ws(':', addresses.project_id, addresses.folder) as inner_path,
        addresses.project_id, addresses.file_id, addresses.path, addresses.file_path,
        addresses.is_former,
        coalesce(addresses.folder = paths.folder, false) as is_home,
    from splits
    inner join paths using (path_no)
    inner join addresses on lower(addresses.rest) = lower(splits.rest)
    where
        splits.outer_path <> '/'
        and (splits.is_windows or addresses.rest = splits.rest)
        and (addresses.way <> 'package' or (splits.is_package and splits.outer_path = ''))
        and (addresses.way <> 'parent folder' or splits.outer_path in ('', '..'))
        -- what the longer cut says too
        and (
            addresses.root = ''
            or not ends_with('/' || splits.outer_path, '/' || addresses.root)
        )
)

select * from final
