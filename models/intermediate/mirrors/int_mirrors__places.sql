with recursive directories as (
    select path, parent_path from {{ ref('int_structure__directories') }}
    where state = 'listed' and tree_nonempty_count > 0
),

-- a directory and each directory around it, itself first
final as (
    select path, path as above_path, parent_path as next_path
    from directories

    union all

    select final.path, directories.path, directories.parent_path
    from final
    inner join directories on directories.path = final.next_path
)

select path, above_path from final
