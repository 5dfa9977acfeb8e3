with directories as (
    select * from {{ ref('int_structure__directories') }}
    where state = 'listed' and tree_nonempty_count > 0
),

files_directly as (
    select
        directory_path as path,
        {{ stable_sum('weight') }} as weight,
        count(*) filter (where is_tracked) as tracked_files,
        {{ stable_sum("case when file_kind = 'source' then weight else 0 end") }}
            as source_weight,
    from {{ ref('int_mirrors__files') }}
    group by directory_path
),

-- the content of a directory, subfolders included
trees as (
    select
        places.above_path as path,
        {{ stable_sum('files_directly.weight') }} as tree_weight,
        sum(files_directly.tracked_files) as tree_tracked_count,
        {{ stable_sum('files_directly.source_weight') }} as tree_source_weight,
    from {{ ref('int_mirrors__places') }} as places
    inner join files_directly using (path)
    group by places.above_path
),

-- a directory with a single folder and no files; the folder represents both
wrappers as (
    select distinct directories.parent_path as path
    from directories
    inner join directories as above
        on above.path = directories.parent_path
        and above.tree_nonempty_count = directories.tree_nonempty_count
),

-- The lower its standing, the more original is a directory: tracked by a repository, inside a
-- repository, or neither.
placed as (
    select
        directories.*,
        coalesce(trees.tree_weight, 0) as tree_weight,
        coalesce(trees.tree_source_weight, 0) as tree_source_weight,
        coalesce(trees.tree_tracked_count, 0) * 2 > directories.tree_nonempty_count as is_tracked,
        directories.project_kind <> 'loose_files' and directories.path = directories.project_path
            as is_project,
        wrappers.path is not null as is_wrapper,
        work_trees.repository_path,
        coalesce(work_trees.is_submodule, false) as is_submodule,
        coalesce(work_trees.is_linked or work_trees.is_submodule, false) as is_checkout,
        case
            when is_tracked or (is_project and directories.project_kind = 'repository') then 1
            when directories.project_kind = 'repository' then 2
            else 3
        end as standing,
    from directories
    left join trees using (path)
    left join wrappers using (path)
    left join {{ ref('int_mirrors__work_trees') }} as work_trees
        on work_trees.path = directories.project_path
),

-- Equal subtrees have equal digests, and the most original represents all of them: by standing,
-- then by the shorter path. The same order holds for the folders inside, so that the representative
-- of a folder is inside the representative of its parent.
final as (
    select
        *,
        first_value(path) over same_content as stands_for,
        tree_digest is not null and row_number() over same_content > 1 as is_copy,
    from placed
    window same_content as (
        partition by case when is_wrapper then path else coalesce(tree_digest, path) end
        order by standing, is_checkout, length(path), path
    )
)

select * from final
