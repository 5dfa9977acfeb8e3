{{ config(materialized='ephemeral') }}
with wanted as (
    select * from {{ ref('int_code__python_wanted') }}
),

absolute as (
    select * from wanted
    where level = 0
),

files as (
    select project_id, directory_path, file_path, stem from {{ ref('int_code__importable_files') }}
    where family = 'python'
),

packages as (
    select distinct directory_path from files
    where stem = '__init__'
),

-- the folders and files of a project, as far as an import may begin with them
first_names as (
    select distinct
        project_id,
        unnest(list_append(string_split(file_path, '/')[1:-2], stem)) as first_name,
    from files
),

places as (
    select
        file_id,
        import_index,
        0 as step,
        part,
        folder || ending as key,
        'relative' as via,
    from wanted
    where level > 0

    union all

    -- Python looks beside a script first.
    select
        absolute.file_id,
        absolute.import_index,
        1 as step,
        absolute.part,
        absolute.folder || absolute.ending as key,
        'beside' as via,
    from absolute
    left join packages on packages.directory_path = absolute.base
    where packages.directory_path is null

    union all

    select
        absolute.file_id,
        absolute.import_index,
        3 as step,
        absolute.part,
        folders.folder || absolute.ending as key,
        'around' as via,
    from absolute
    inner join first_names using (project_id, first_name)
    cross join unnest({{ ancestors('absolute.base') }}) as folders (folder)
    where
        not absolute.is_standard
        and {{ is_beneath('folders.folder', 'absolute.project_path') }}
),

-- one row per import and place where Python may find it, in the order of `step`
final as (
    select *, 'python' as space from places

    union all

    select *, 'python name' as space from {{ ref('int_code__python_name_candidates') }}
)

select * from final
