{{ config(materialized='ephemeral') }}
with imports as (
    select * from {{ ref('int_code__written_imports') }}
    where family = 'javascript'
),

packages as (
    select * from {{ ref('int_dependencies__packages') }}
    where ecosystem = 'npm'
),

places as (
    select
        file_id,
        import_index,
        0 as step,
        0 as part,
        place,
        'relative' as via,
    from imports
    where begins_with_folder

    union all

    select * replace (part * 3 as part) from {{ ref('int_code__alias_candidates') }}

    union all

    select * replace (part * 3 as part) from {{ ref('int_code__export_candidates') }}

    union all

    -- Built files are mostly ignored: the source has the same name in another folder.
    select
        imports.file_id,
        imports.import_index,
        3 as step,
        folders.part,
        rtrim(
            packages.directory_path
            || folders.folder
            || '/'
            || substr(imports.written, length(packages.canonical_name) + 2),
            '/'
        ) as place,
        'package' as via,
    from imports
    inner join packages
        on packages.canonical_name = regexp_extract(imports.written, '^(?:@[^/]+/)?[^/]+')
        and (packages.project_id = imports.project_id or packages.provider_rank = 1)
    cross join (values (0, ''), (3, '/src'), (6, '/lib')) as folders (part, folder)
    where not imports.is_standard
),

-- one row per import and place where the resolution of Node.js or TypeScript may find it
final as (
    select * exclude (place), 'file' as space, place as key from places

    union all

    select * exclude (place) replace (part + 1 as part), 'javascript' as space, place as key
    from places

    union all

    -- TypeScript writes the name of the file that it compiles to.
    select
        * exclude (place) replace (part + 2 as part),
        'javascript' as space,
        regexp_replace(place, '\.[mc]?jsx?$', '') as key,
    from places
    where regexp_matches(place, '\.[mc]?jsx?$')
)

select * from final
