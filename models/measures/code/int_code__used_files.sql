{{ config(materialized='ephemeral') }}
with files as (
    select * from {{ ref('int_code__files') }}
),

imported as (
    select distinct resolved_file_id as file_id
    from {{ ref('code_imports') }}
    where resolved_file_id <> file_id
),

places as (
    select distinct place from {{ ref('int_code__places') }}
    where kind in ('main', 'export', 'entry', 'module')
),

entries as (
    select * from {{ ref('entry_points') }}
),

guarded as (
    select sha256 from {{ ref('int_roles__contents') }}
    where len(list_filter(signals, lambda one: one['signal'] = 'shape: main guard')) > 0
),

-- one row per file that something leads to
final as (
    select file_id from imported

    union

    select files.file_id
    from files
    inner join entries
        on entries.part = 'name' and {{ matches_glob('files.name', 'entries.pattern') }}

    union

    select parts.file_id
    from (
        select
            file_id,
            unnest(string_split(lower(file_path), '/')[1:-2]) as folder,
        from files
    ) as parts
    inner join entries
        on entries.part = 'folder' and {{ matches_glob('parts.folder', 'entries.pattern') }}

    union

    select files.file_id
    from files
    inner join guarded using (sha256)

    union

    select files.file_id
    from files
    inner join places
        on places.place in (files.path, regexp_replace(files.path, '\.[^./]*$', ''))
)

select * from final
