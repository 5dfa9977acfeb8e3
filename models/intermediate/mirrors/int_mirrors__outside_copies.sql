with recursive directories as (
    select * from {{ ref('int_mirrors__directories') }}
),

-- Top-down, stopping at copies: a finding on a copy covers everything below it.
outside as (
    select directories.path, directories.is_copy
    from directories
    left join directories as above on above.path = directories.parent_path
    where above.path is null

    union all

    select directories.path, directories.is_copy
    from outside
    inner join directories on directories.parent_path = outside.path
    where not outside.is_copy
),

final as (
    select path, is_copy from outside
)

select * from final
