{{ config(materialized='ephemeral') }}
with imports as (
    select
        *,
        string_split(base, '/') as folders,
        concat_ws('.', nullif(module, ''), taken_name) as whole,
        case
            when taken_name is not null then module
            when kind <> 'from' then regexp_extract(module, '^(.+)\.', 1)
        end as around,
    from {{ ref('int_code__imports') }}
    where family = 'python'
),

-- A name that is taken from a module may be a module itself, else the module has it.
parts as (
    select *, 1 as part, whole as dotted from imports

    union all

    select *, 2 as part, around as dotted from imports
    where around <> '' or (level > 0 and taken_name is not null)
),

-- one row per import of Python and module that it may mean, with its place if the path of the
-- importing file leads there
final as (
    select
        file_id,
        import_index,
        project_id,
        project_path,
        base,
        level,
        is_standard,
        part,
        dotted,
        split_part(dotted, '.', 1) as first_name,
        case when dotted = '' then '' else '/' || replace(dotted, '.', '/') end as ending,
        case
            when level = 0 then base
            when level < len(folders) then array_to_string(folders[1:len(folders) - level + 1], '/')
        end as folder,
    from parts
)

select * from final
