-- A unit is equal on two sides: the highest equal subtree, or a file outside of such subtrees.
with directories as (
    select
        directories.*,
        outside_copies.path is not null as is_outside,
    from {{ ref('int_mirrors__directories') }} as directories
    left join {{ ref('int_mirrors__outside_copies') }} as outside_copies using (path)
),

subtrees as (
    select
        path,
        path as directory_path,
        tree_digest as content,
        tree_weight as weight,
        tree_nonempty_count as files,
        standing,
        is_checkout,
        is_copy,
    from directories
    where
        is_outside
        and not is_wrapper
        and tree_digest in (select tree_digest from directories where is_outside and is_copy)
),

files as (
    select
        files.path,
        files.directory_path,
        files.sha256 as content,
        files.weight,
        1 as files,
        directories.standing,
        directories.is_checkout,
        true as is_copy,
    from {{ ref('int_mirrors__files') }} as files
    inner join directories on directories.path = files.directory_path
    where directories.is_outside and not directories.is_copy
),

both_kinds as (
    select * from subtrees

    union all

    select * from files
),

ranked as (
    select
        *,
        count(*) over (partition by content) as copies,
        row_number() over (partition by content order by standing, is_checkout, length(path), path)
            as place_in_order,
    from both_kinds
),

-- Widespread content (a licence, an empty package) is paired with one copy, not each with each.
paired as (
    select
        one.path as one_unit,
        other.path as other_unit,
        one.directory_path as one_path,
        other.directory_path as other_path,
        one.files,
        one.weight,
        (length(one_path), one_path) < (length(other_path), other_path) as is_in_order,
    from ranked as one
    inner join ranked as other
        on other.content = one.content
        and other.is_copy
        and other.place_in_order > one.place_in_order
        and other.directory_path <> one.directory_path
    where
        one.copies > 1
        and (
            one.place_in_order = 1
            or one.copies <= {{ threshold('DUPLICATE_MIRROR_CONTENT', 'max_copies_paired') }}
        )
),

-- The shorter path comes first, so that each pair of directories is one pair.
final as (
    select
        case when is_in_order then one_unit else other_unit end as unit_a,
        case when is_in_order then other_unit else one_unit end as unit_b,
        case when is_in_order then one_path else other_path end as path_a,
        case when is_in_order then other_path else one_path end as path_b,
        files,
        weight,
    from paired
)

select * from final
