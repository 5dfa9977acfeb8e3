with directories as (
    select
        *,
        substr(path, length(project_path) + 1) as place,
        tree_source_weight * 2 > tree_weight as is_source,
    from {{ ref('int_mirrors__directories') }}
),

pairs as (
    select
        pairs.path_a,
        pairs.path_b,
        pairs.identical_files + coalesce(moved_folders.moved_files, 0) as identical_files,
        pairs.identical_weight + coalesce(moved_folders.moved_weight, 0) as identical_weight,
    from {{ ref('int_mirrors__directory_pairs') }} as pairs
    left join {{ ref('int_mirrors__moved_folders') }} as moved_folders using (path_a, path_b)
),

-- Not what is meant to be the same: work trees of one repository, a submodule and another clone, and what
-- one repository tracks more than once on purpose (test data, translations, versions). Nor a folder of
-- projects with a copy of one of them in it: that is a copy of the project.
measured as (
    select
        pairs.*,
        {{ is_beneath('pairs.path_b', 'pairs.path_a') }} as b_lies_in_a,
        {{ is_beneath('pairs.path_a', 'pairs.path_b') }} as a_lies_in_b,
        -- what lies around an inner side is the outer side
        case
            when b_lies_in_a then least(side_b.tree_weight, side_a.tree_weight - side_b.tree_weight)
            when a_lies_in_b then least(side_a.tree_weight, side_b.tree_weight - side_a.tree_weight)
            else least(side_a.tree_weight, side_b.tree_weight)
        end as compared_weight,
        least(1.0, pairs.identical_weight / nullif(compared_weight, 0)) as identical_share,
    from pairs
    inner join directories as side_a on side_a.path = pairs.path_a
    inner join directories as side_b on side_b.path = pairs.path_b
    where
        pairs.identical_files >= {{ threshold('DUPLICATE_MIRROR_CONTENT', 'min_identical_files') }}
        and (
            pairs.identical_weight >= {{ threshold('DUPLICATE_MIRROR_CONTENT', 'min_identical_files') }}
            -- a whole project may be small
            or (
                side_a.is_project
                and pairs.identical_weight
                >= {{ threshold('DUPLICATE_MIRROR_CONTENT', 'min_identical_share') }} * side_a.tree_weight
            )
            or (
                side_b.is_project
                and pairs.identical_weight
                >= {{ threshold('DUPLICATE_MIRROR_CONTENT', 'min_identical_share') }} * side_b.tree_weight
            )
        )
        and not (b_lies_in_a and side_a.project_kind = 'loose_files')
        and not (a_lies_in_b and side_b.project_kind = 'loose_files')
        and not (
            side_a.place = side_b.place
            and side_a.project_path <> side_b.project_path
            and coalesce(
                side_a.repository_path = side_b.repository_path
                or (
                    (side_a.is_submodule or side_b.is_submodule)
                    and side_a.project_kind = 'repository'
                    and side_b.project_kind = 'repository'
                ),
                false
            )
        )
        and not (
            side_a.project_path = side_b.project_path
            and side_a.is_tracked
            and side_b.is_tracked
            and (
                not (side_a.is_source and side_b.is_source)
                or regexp_replace(side_a.name, '[0-9]+', '', 'g') = regexp_replace(side_b.name, '[0-9]+', '', 'g')
            )
        )
),

final as (
    select * from measured
    where identical_share >= {{ threshold('DUPLICATE_MIRROR_CONTENT', 'min_traceable_share') }}
)

select * from final
