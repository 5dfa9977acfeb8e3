with directories as (
    select * from {{ ref('int_mirrors__directories') }}
),

copies as (
    select * from {{ ref('int_mirrors__copies') }}
),

-- each copy once, with the original that it resembles most
best as (
    select * from copies
    where is_mirror and closeness_rank = 1
),

copies_inside as (
    select
        copies.mirror_path,
        copies.original_path,
        copies.closeness_rank,
        places.above_path,
        substr(copies.mirror_path, length(places.above_path) + 1) as place,
    from copies
    inner join {{ ref('int_mirrors__places') }} as places
        on places.path = copies.mirror_path and places.above_path <> copies.mirror_path
    where copies.is_mirror
),

either_way as (
    select mirror_path as one_path, original_path as other_path from copies

    union all

    select original_path, mirror_path from copies
),

-- A copy inside a copy needs no finding of its own if it has the same place in the original, or had
-- it before it was moved.
said_above as (
    select inside.mirror_path
    from copies_inside as inside
    inner join either_way
        on either_way.one_path = inside.above_path
        and inside.original_path = either_way.other_path || inside.place

    union

    select inside.mirror_path
    from copies_inside as inside
    inner join best on best.mirror_path = inside.above_path
    inner join directories as there on there.path = best.original_path || inside.place

    union

    select inside.mirror_path
    from copies_inside as inside
    inner join copies as around
        on around.mirror_path = inside.above_path
        and around.is_mirror
        and around.original_path <> inside.original_path
        and {{ is_beneath('inside.original_path', 'around.original_path') }}
    left join directories as left_behind
        on left_behind.path
        = around.mirror_path || substr(inside.original_path, length(around.original_path) + 1)
    where left_behind.path is null
),

final as (
    select
        best.mirror_path,
        best.original_path,
        originals.project_path as original_project_path,
        mirrors.tree_nonempty_count as mirror_files,
        originals.tree_nonempty_count as original_files,
        best.identical_files,
        best.identical_share,
        best.is_exact,
        mirrors.project_path,
        mirrors.tree_size_bytes as mirror_size_bytes,
        mirrors.run_id,
    from best
    inner join directories as mirrors on mirrors.path = best.mirror_path
    inner join directories as originals on originals.path = best.original_path
    where best.mirror_path not in (select mirror_path from said_above)
)

select * from final
