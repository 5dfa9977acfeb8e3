-- The share of the smaller side that the other has by name at the same places, changed or not.
with directories as (
    select * from {{ ref('int_mirrors__directories') }}
),

files as (
    select * from {{ ref('int_mirrors__files') }}
),

-- Pairs with much in common are mirrors already.
undecided as (
    select
        resemblances.path_a,
        resemblances.path_b,
        case when side_a.tree_weight < side_b.tree_weight then side_a.path else side_b.path end
            as small_path,
        case when side_a.tree_weight < side_b.tree_weight then side_b.path else side_a.path end
            as large_path,
        resemblances.compared_weight,
    from {{ ref('int_mirrors__resemblances') }} as resemblances
    inner join directories as side_a on side_a.path = resemblances.path_a
    inner join directories as side_b on side_b.path = resemblances.path_b
    where
        resemblances.identical_share
        < {{ threshold('DUPLICATE_MIRROR_CONTENT', 'min_identical_share') }}
),

folders as (
    select
        undecided.path_a,
        undecided.path_b,
        undecided.compared_weight,
        places.path as small_folder,
        undecided.large_path || substr(places.path, length(undecided.small_path) + 1)
            as large_folder,
    from undecided
    inner join {{ ref('int_mirrors__places') }} as places
        on places.above_path = undecided.small_path
),

-- DISTINCT changes nothing, but keeps the engine from pairing all files by their names first.
small_files as (
    select distinct
        folders.*,
        files.name,
        files.weight,
    from folders
    inner join files on files.directory_path = folders.small_folder
),

final as (
    select
        small_files.path_a,
        small_files.path_b,
        {{ stable_sum('small_files.weight') }} / any_value(small_files.compared_weight)
            as same_place_share,
    from small_files
    inner join files
        on files.directory_path = small_files.large_folder and files.name = small_files.name
    group by small_files.path_a, small_files.path_b
)

select * from final
