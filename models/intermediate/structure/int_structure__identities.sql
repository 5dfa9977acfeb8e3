{{ config(materialized='ephemeral') }}
with moved as (
    select * from {{ ref('int_structure__occupants') }}
),

-- A submodule that is not checked out moves with its repository.
moved_pointers as (
    select
        pointers.path,
        moved.first_path || substr(pointers.path, length(moved.path) + 1) as first_path,
        moved.native_number,
        moved.first_seen,
    from {{ ref('int_structure__pointers') }} as pointers
    inner join moved on moved.path = pointers.pointed_from
    where pointers.pointer_kind = 'submodule' and pointers.path not in (select path from moved)
),

-- one row per path whose project was first seen elsewhere, or is not the first one of the path
final as (
    select path, first_path, native_number, first_seen from moved

    union all

    select path, first_path, native_number, first_seen from moved_pointers
)

select * from final
