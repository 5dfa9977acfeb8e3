-- A unit is what is identical on two sides: a whole subtree (weight: its non-empty files) or a file.
with outside_copies as (
    select * from {{ ref('int_mirrors__outside_copies') }}
),

directories as (
    select * from {{ ref('int_mirrors__directories') }}
),

files as (
    select
        files.path,
        files.directory_path,
        files.sha256,
        count(*) over (partition by files.sha256) as copies,
        first_value(files.path) over (
            partition by files.sha256
            order by length(files.path), files.path
        ) as first_path,
    from {{ ref('int_files__current') }} as files
    inner join outside_copies on outside_copies.path = files.directory_path and not outside_copies.is_copy
    where files.sha256 is not null and files.size_bytes > 0
),

subtree_pairs as (
    select
        directories.stands_for as unit_a,
        directories.path as unit_b,
        directories.stands_for as path_a,
        directories.path as path_b,
        directories.tree_nonempty_count as weight,
    from directories
    inner join outside_copies on outside_copies.path = directories.path and outside_copies.is_copy
),

-- Content that lies everywhere (a licence, an empty package) is paired with one copy, not each with each.
file_pairs as (
    select
        one.path as unit_a,
        other.path as unit_b,
        one.directory_path as path_a,
        other.directory_path as path_b,
        1 as weight,
    from files as one
    inner join files as other
        on other.sha256 = one.sha256
        and (length(one.path), one.path) < (length(other.path), other.path)
        and one.directory_path <> other.directory_path
    where
        one.copies > 1
        and (
            one.path = one.first_path
            or one.copies <= {{ threshold('DUPLICATE_MIRROR_CONTENT', 'max_copies_paired') }}
        )
),

final as (
    select * from subtree_pairs

    union all

    select * from file_pairs
)

select * from final
