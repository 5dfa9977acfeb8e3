{% set min_files = threshold('DUPLICATE_MIRROR_CONTENT', 'min_identical_files') %}
{% set min_share = threshold('DUPLICATE_MIRROR_CONTENT', 'min_identical_share') %}
with directories as (
    select
        *,
        substr(path, length(project_path) + 1) as place,
        tree_source_weight * 2 > tree_weight as is_source,
        regexp_replace(name, '[0-9]+', '', 'g') as name_without_number,
    from {{ ref('int_mirrors__directories') }}
),

directory_pairs as (
    select * from {{ ref('int_mirrors__directory_pairs') }}
),

moved_folders as (
    select * from {{ ref('int_mirrors__moved_folders') }}
),

pairs as (
    select
        directory_pairs.path_a,
        directory_pairs.path_b,
        directory_pairs.identical_files + coalesce(moved_folders.moved_files, 0) as identical_files,
        directory_pairs.identical_weight + coalesce(moved_folders.moved_weight, 0)
            as identical_weight,
    from directory_pairs
    left join moved_folders using (path_a, path_b)
),

measured as (
    select
        pairs.*,
        {{ is_beneath('pairs.path_b', 'pairs.path_a') }} as b_lies_in_a,
        {{ is_beneath('pairs.path_a', 'pairs.path_b') }} as a_lies_in_b,
        -- The outer side is compared without the inner one.
        case
            when b_lies_in_a then least(side_b.tree_weight, side_a.tree_weight - side_b.tree_weight)
            when a_lies_in_b then least(side_a.tree_weight, side_b.tree_weight - side_a.tree_weight)
            else least(side_a.tree_weight, side_b.tree_weight)
        end as compared_weight,
        least(1.0, pairs.identical_weight / nullif(compared_weight, 0)) as identical_share,
        -- A copy of a project in a folder of projects is a copy of the project, not of the folder.
        (b_lies_in_a and side_a.project_kind = 'loose_files')
        or (a_lies_in_b and side_b.project_kind = 'loose_files') as is_in_folder_of_projects,
        -- work trees of one repository, or one of it and another clone, or a submodule and a clone
        side_a.place = side_b.place
        and side_a.project_path <> side_b.project_path
        and (
            coalesce(side_a.repository_path = side_b.repository_path, false)
            or (
                (side_a.is_checkout or side_b.is_checkout)
                and side_a.project_kind = 'repository'
                and side_b.project_kind = 'repository'
            )
        ) as are_checkouts,
        -- what a repository tracks twice on purpose: test data, translations, versions
        side_a.project_path = side_b.project_path
        and side_a.is_tracked
        and side_b.is_tracked
        and (
            not (side_a.is_source and side_b.is_source)
            or side_a.name_without_number = side_b.name_without_number
        ) as is_tracked_twice,
        -- icons and the like that projects share
        side_a.project_path <> side_b.project_path
        and side_a.project_kind <> 'loose_files'
        and side_b.project_kind <> 'loose_files'
        and not side_a.is_project
        and not side_b.is_project
        and not side_a.is_source
        and not side_b.is_source
        and least(side_a.tree_nonempty_count, side_b.tree_nonempty_count)
        < {{ threshold('DUPLICATE_MIRROR_CONTENT', 'min_asset_files') }} as are_small_assets,
    from pairs
    inner join directories as side_a on side_a.path = pairs.path_a
    inner join directories as side_b on side_b.path = pairs.path_b
    where
        pairs.identical_files >= {{ min_files }}
        and (
            pairs.identical_weight >= {{ min_files }}
            -- A whole project may be small.
            or (side_a.is_project and identical_weight >= {{ min_share }} * side_a.tree_weight)
            or (side_b.is_project and identical_weight >= {{ min_share }} * side_b.tree_weight)
        )
),

-- one row per pair of directories of which one may be a copy of the other
final as (
    select * exclude (is_in_folder_of_projects, are_checkouts, is_tracked_twice, are_small_assets)
    from measured
    where
        identical_share >= {{ threshold('DUPLICATE_MIRROR_CONTENT', 'min_traceable_share') }}
        and not is_in_folder_of_projects
        and not are_checkouts
        and not is_tracked_twice
        and not are_small_assets
)

select * from final
