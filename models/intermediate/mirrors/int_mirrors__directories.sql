with directories as (
    select * from {{ ref('int_structure__directories') }}
    where state = 'listed' and tree_nonempty_count > 0
),

-- Equal subtrees are equal digests. The one with the shortest path stands for all; since a shorter
-- path stays shorter with the same folder appended, what stands for a subtree lies in what stands
-- for the tree around it.
final as (
    select
        path,
        parent_path,
        name,
        project_path,
        project_kind,
        tree_digest,
        tree_nonempty_count,
        tree_size_bytes,
        run_id,
        first_value(path) over same_content as stands_for,
        tree_digest is not null and row_number() over same_content > 1 as is_copy,
    from directories
    window same_content as (partition by coalesce(tree_digest, path) order by length(path), path)
)

select * from final
