-- A moved folder has another name, or another place, in the copy than in the original.
with directories as (
    select * from {{ ref('int_mirrors__directories') }}
),

places as (
    select * from {{ ref('int_mirrors__places') }}
),

pairs as (
    select * from {{ ref('int_mirrors__directory_pairs') }}
),

alike as (
    select pairs.path_a, pairs.path_b, pairs.identical_files, pairs.identical_weight
    from pairs
    inner join directories as side_a on side_a.path = pairs.path_a
    inner join directories as side_b on side_b.path = pairs.path_b
    where
        pairs.identical_files >= {{ threshold('DUPLICATE_MIRROR_CONTENT', 'min_identical_files') }}
        and pairs.identical_weight
        >= {{ threshold('DUPLICATE_MIRROR_CONTENT', 'min_identical_share') }}
        * greatest(side_a.tree_weight, side_b.tree_weight)
),

both_ways as (
    select path_a, path_b, identical_files, identical_weight from alike

    union all

    select path_b, path_a, identical_files, identical_weight from alike
),

-- Two directories around such folders, with nothing at the place of the folder on the other side.
-- They have something else in common at equal places: otherwise one just contains a copy of the
-- other.
around as (
    select
        pairs.path_a,
        pairs.path_b,
        both_ways.path_b as folder_b,
        max(both_ways.identical_files) as files,
        max(both_ways.identical_weight) as weight,
    from both_ways
    inner join places as above_a
        on above_a.path = both_ways.path_a and above_a.above_path <> both_ways.path_a
    inner join places as above_b
        on above_b.path = both_ways.path_b and above_b.above_path <> both_ways.path_b
    inner join pairs on pairs.path_a = above_a.above_path and pairs.path_b = above_b.above_path
    inner join directories as side_a on side_a.path = pairs.path_a
    inner join directories as side_b on side_b.path = pairs.path_b
    left join directories as there_a
        on there_a.path = pairs.path_a || substr(both_ways.path_b, length(pairs.path_b) + 1)
    left join directories as there_b
        on there_b.path = pairs.path_b || substr(both_ways.path_a, length(pairs.path_a) + 1)
    where
        there_a.path is null
        and there_b.path is null
        and pairs.identical_weight
        >= {{ threshold('DUPLICATE_MIRROR_CONTENT', 'min_traceable_share') }}
        * least(side_a.tree_weight, side_b.tree_weight)
    group by pairs.path_a, pairs.path_b, both_ways.path_b
),

inside_another as (
    select distinct
        around.path_a,
        around.path_b,
        around.folder_b,
    from around
    inner join places on places.path = around.folder_b
    inner join around as above
        on above.path_a = around.path_a
        and above.path_b = around.path_b
        and above.folder_b = places.above_path
        and above.folder_b <> around.folder_b
),

-- one row per pair of directories; of folders in each other, the highest counts
final as (
    select
        around.path_a,
        around.path_b,
        sum(around.files) as moved_files,
        {{ stable_sum('around.weight') }} as moved_weight,
    from around
    anti join inside_another using (path_a, path_b, folder_b)
    group by around.path_a, around.path_b
)

select * from final
