with resemblances as (
    select * from {{ ref('int_mirrors__resemblances') }}
),

same_places as (
    select * from {{ ref('int_mirrors__same_places') }}
),

directories as (
    select * from {{ ref('int_mirrors__directories') }}
),

judged as (
    select
        resemblances.*,
        coalesce(same_places.same_place_share, 0) as same_place_share,
        resemblances.identical_share
        >= {{ threshold('DUPLICATE_MIRROR_CONTENT', 'min_identical_share') }} as is_identical,
        resemblances.identical_share
        >= {{ threshold('DUPLICATE_MIRROR_CONTENT', 'min_drifted_share') }} as is_drifted,
    from resemblances
    left join same_places using (path_a, path_b)
),

related as (
    select
        *,
        is_identical or (
            is_drifted
            and same_place_share
            >= {{ threshold('DUPLICATE_MIRROR_CONTENT', 'min_same_place_share') }}
        ) as is_mirror,
        same_place_share
        >= {{ threshold('DUPLICATE_MIRROR_CONTENT', 'min_common_origin_share') }}
            as has_common_origin,
    from judged
),

compared as (
    select
        related.*,
        {% for here, there in [('a', 'b'), ('b', 'a')] -%}
        (side_{{ here }}.project_path, side_{{ there }}.project_path) in (
            select (copy_path, original_path) from {{ ref('int_mirrors__clones') }}
        ) as is_{{ here }}_clone,
        {% endfor -%}
        side_a.standing as standing_a,
        side_b.standing as standing_b,
        side_a.is_checkout as is_checkout_a,
        side_b.is_checkout as is_checkout_b,
        side_b.tree_nonempty_count > side_a.tree_nonempty_count
        * {{ threshold('DUPLICATE_MIRROR_CONTENT', 'much_larger_factor') }} as is_b_much_larger,
        side_a.tree_nonempty_count > side_b.tree_nonempty_count
        * {{ threshold('DUPLICATE_MIRROR_CONTENT', 'much_larger_factor') }} as is_a_much_larger,
        side_a.tree_digest is not null and side_a.tree_digest = side_b.tree_digest as is_exact,
    from related
    inner join directories as side_a on side_a.path = related.path_a
    inner join directories as side_b on side_b.path = related.path_b
    where related.is_mirror or related.has_common_origin
),

-- The first question that separates the two sides decides which of them is the copy.
directed as (
    select
        *,
        case
            -- the inner side
            when b_lies_in_a then true
            when a_lies_in_b then false
            -- the clone of the other, or the one that is behind
            when is_a_clone <> is_b_clone then is_b_clone
            -- the side that is tracked less
            when standing_a <> standing_b then standing_a < standing_b
            -- the side that is not a checkout of another repository
            when is_checkout_a <> is_checkout_b then is_checkout_a
            -- the side with much less in it
            when is_a_much_larger <> is_b_much_larger then is_a_much_larger
            -- the longer path, then the later one
            when length(path_a) <> length(path_b) then length(path_a) < length(path_b)
            else path_a <= path_b
        end as is_b_copy,
    from compared
),

-- one row per pair of directories that are related: the copy and its original
final as (
    select
        path_a,
        path_b,
        is_b_copy,
        case when is_b_copy then path_b else path_a end as mirror_path,
        case when is_b_copy then path_a else path_b end as original_path,
        identical_files,
        identical_share,
        is_exact,
        is_mirror,
    from directed
)

select * from final
