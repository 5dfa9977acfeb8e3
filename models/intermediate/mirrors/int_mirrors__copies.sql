with directories as (
    select * from {{ ref('int_mirrors__directories') }}
),

pairs as (
    select * from {{ ref('int_mirrors__directed_pairs') }}
),

-- an unpacked wheel: a package beside its metadata
unpacked_wheels as (
    select parent_path as path
    from directories
    where name like '%.dist-info'
    group by parent_path
    having count(*) = 1
),

-- A copy whose identical files are nearly all in one folder is a copy of that folder, if the rest
-- of either side differs.
in_one_folder as (
    select pairs.path_a, pairs.path_b
    from pairs
    inner join directories as mirrors on mirrors.path = pairs.mirror_path
    inner join directories as originals on originals.path = pairs.original_path
    inner join directories as inner_mirrors on inner_mirrors.parent_path = pairs.mirror_path
    inner join directories as inner_originals
        on inner_originals.parent_path = pairs.original_path
        and inner_originals.name = inner_mirrors.name
    inner join pairs as inner_pair
        on inner_pair.path_a
        = case when pairs.is_b_copy then inner_originals.path else inner_mirrors.path end
        and inner_pair.path_b
        = case when pairs.is_b_copy then inner_mirrors.path else inner_originals.path end
    where
        pairs.identical_files - inner_pair.identical_files
        <= {{ threshold('DUPLICATE_MIRROR_CONTENT', 'max_files_beside') }}
        and (not pairs.is_exact or mirrors.is_wrapper)
        and (
            inner_originals.tree_weight < originals.tree_weight
            * {{ threshold('DUPLICATE_MIRROR_CONTENT', 'min_part_of_wrapper') }}
            or inner_mirrors.tree_weight < mirrors.tree_weight
            * {{ threshold('DUPLICATE_MIRROR_CONTENT', 'min_part_of_wrapper') }}
            -- If both are wrappers, the inner folder is the copy, unless the copy kept the name of
            -- the original.
            or (
                mirrors.is_wrapper
                and not originals.is_project
                and not contains(mirrors.name, originals.name)
            )
        )
        and pairs.mirror_path not in (select path from unpacked_wheels)
),

-- one row per directory and original of it; the closest original has rank 1
final as (
    select
        pairs.mirror_path,
        pairs.original_path,
        pairs.identical_files,
        pairs.identical_share,
        pairs.is_exact,
        pairs.is_mirror,
        row_number() over (
            partition by pairs.mirror_path, pairs.is_mirror
            order by
                originals.is_checkout,
                pairs.identical_files desc,
                pairs.identical_share desc,
                length(pairs.original_path),
                pairs.original_path
        ) as closeness_rank,
    from pairs
    inner join directories as originals on originals.path = pairs.original_path
    left join in_one_folder using (path_a, path_b)
    where in_one_folder.path_a is null
)

select * from final
