{{ config(materialized='ephemeral') }}
with imports as (
    select
        *,
        case family when 'ruby' then 'ruby' else 'file' end as space,
    from {{ ref('int_code__written_imports') }}
    where family <> 'javascript'
),

-- one row per import and place where a compiler or an interpreter may find it
final as (
    select
        file_id,
        import_index,
        0 as step,
        space,
        place as key,
        case when is_computed then 'around' else 'relative' end as via,
    from imports
    where place is not null

    union all

    select
        file_id,
        import_index,
        1 as step,
        space,
        place_in_project as key,
        'around' as via,
    from imports
    where place_in_project is not null

    union all

    -- Only the build knows the folders that are searched.
    select
        file_id,
        import_index,
        2 as step,
        'end' as space,
        project_id || ' ' || regexp_replace(written, '^(?:\.{0,2}/)+', '') as key,
        'end of path' as via,
    from imports
    where family <> 'ruby' and (not is_computed or contains(written, '/'))

    union all

    select
        file_id,
        import_index,
        0 as step,
        'ruby name' as space,
        written as key,
        'load path' as via,
    from imports
    where family = 'ruby' and not begins_with_folder
)

select *, 0 as part from final
