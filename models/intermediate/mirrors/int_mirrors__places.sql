with recursive directories as (
    select path, parent_path from {{ ref('int_structure__directories') }}
    where state = 'listed' and tree_nonempty_count > 0
),

climbed as (
    select
        path,
        path as above_path,
        parent_path as next_path,
    from directories

    union all

    select
        climbed.path,
        directories.path as above_path,
        directories.parent_path as next_path,
    from climbed
    inner join directories on directories.path = climbed.next_path
),

-- one row per directory and directory around it, itself included
final as (
    select path, above_path from climbed
)

select * from final
