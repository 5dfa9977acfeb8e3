with directories as (
    select * from {{ ref('int_mirrors__directories') }}
),

-- a package beside its metadata is what a wheel unpacks to
unpacked_wheels as (
    select parent_path as path from directories
    where name like '%.dist-info'
    group by parent_path
    having count(*) = 1
),

judged as (
    select
        resemblances.*,
        identical_share >= {{ threshold('DUPLICATE_MIRROR_CONTENT', 'min_identical_share') }}
        or (
            identical_share >= {{ threshold('DUPLICATE_MIRROR_CONTENT', 'min_drifted_share') }}
            and coalesce(same_place_share, 0) >= {{ threshold('DUPLICATE_MIRROR_CONTENT', 'min_same_place_share') }}
        ) as is_mirror,
        coalesce(same_place_share, 0) >= {{ threshold('DUPLICATE_MIRROR_CONTENT', 'min_identical_share') }}
            as has_common_origin,
    from {{ ref('int_mirrors__resemblances') }} as resemblances
    left join {{ ref('int_mirrors__same_places') }} as same_places using (path_a, path_b)
),

-- Which of the two is the copy: what lies in the other, else what nobody tracks, else what is no checkout of another
-- repository, else what holds not even half as much, else the longer path.
named as (
    select
        judged.*,
        b_lies_in_a or not a_lies_in_b
        and (
            side_a.standing,
            not side_a.is_checkout,
            side_b.tree_nonempty_count > 2 * side_a.tree_nonempty_count,
            length(path_a),
            path_a
        )
        <= (
            side_b.standing,
            not side_b.is_checkout,
            side_a.tree_nonempty_count > 2 * side_b.tree_nonempty_count,
            length(path_b),
            path_b
        ) as b_is_copy,
        case when b_is_copy then path_b else path_a end as mirror_path,
        case when b_is_copy then path_a else path_b end as original_path,
        side_a.tree_digest is not null and side_a.tree_digest = side_b.tree_digest as is_exact,
    from judged
    inner join directories as side_a on side_a.path = judged.path_a
    inner join directories as side_b on side_b.path = judged.path_b
    where is_mirror or has_common_origin
),

-- What nearly all lies in one folder of both is a copy of that folder, where the rest of either is something else.
in_one_folder as (
    select named.path_a, named.path_b
    from named
    inner join directories as mirrors on mirrors.path = named.mirror_path
    inner join directories as originals on originals.path = named.original_path
    inner join directories as inner_mirrors on inner_mirrors.parent_path = named.mirror_path
    inner join directories as inner_originals
        on inner_originals.parent_path = named.original_path and inner_originals.name = inner_mirrors.name
    inner join named as inner_pair
        on inner_pair.path_a = case when named.b_is_copy then inner_originals.path else inner_mirrors.path end
        and inner_pair.path_b = case when named.b_is_copy then inner_mirrors.path else inner_originals.path end
    where
        named.identical_files - inner_pair.identical_files
        <= {{ threshold('DUPLICATE_MIRROR_CONTENT', 'max_files_beside') }}
        and (not named.is_exact or mirrors.is_wrapper)
        and (
            inner_originals.tree_weight
            < {{ threshold('DUPLICATE_MIRROR_CONTENT', 'min_part_of_wrapper') }} * originals.tree_weight
            or inner_mirrors.tree_weight
            < {{ threshold('DUPLICATE_MIRROR_CONTENT', 'min_part_of_wrapper') }} * mirrors.tree_weight
            -- of two that hold one folder each, the folder; but a copy keeps the name, or a name made of it
            or (mirrors.is_wrapper and not originals.is_project and not contains(mirrors.name, originals.name))
        )
        and named.mirror_path not in (select path from unpacked_wheels)
),

final as (
    select
        named.mirror_path,
        named.original_path,
        named.identical_files,
        named.identical_share,
        named.is_exact,
        named.is_mirror,
        row_number() over (
            partition by named.mirror_path, named.is_mirror
            order by
                originals.is_checkout,
                named.identical_files desc,
                named.identical_share desc,
                length(named.original_path),
                named.original_path
        ) as closeness_rank,
    from named
    inner join directories as originals on originals.path = named.original_path
    left join in_one_folder using (path_a, path_b)
    where in_one_folder.path_a is null
)

select * from final
