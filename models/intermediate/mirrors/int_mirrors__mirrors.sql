with directories as (
    select * from {{ ref('int_mirrors__directories') }}
),

pairs as (
    select
        pairs.*,
        side_a.project_path as project_a,
        side_b.project_path as project_b,
        side_a.project_kind = 'repository' as is_repository_a,
        side_b.project_kind = 'repository' as is_repository_b,
        {{ is_beneath('pairs.path_b', 'pairs.path_a') }} as b_lies_in_a,
        {{ is_beneath('pairs.path_a', 'pairs.path_b') }} as a_lies_in_b,
    from {{ ref('int_mirrors__directory_pairs') }} as pairs
    inner join directories as side_a on side_a.path = pairs.path_a
    inner join directories as side_b on side_b.path = pairs.path_b
    -- A folder of projects is a place: copies of its projects in a folder of it are copies of those, not of it.
    where
        not (b_lies_in_a and side_a.project_kind = 'loose_files')
        and not (a_lies_in_b and side_b.project_kind = 'loose_files')
),

-- how much of the smaller side is identical; what lies around an inner side is the outer side
measured as (
    select
        *,
        case
            when b_lies_in_a then least(files_b, files_a - files_b)
            when a_lies_in_b then least(files_a, files_b - files_a)
            else least(files_a, files_b)
        end as files_compared,
        identical_files / files_compared as identical_share,
    from pairs
),

-- which of the two is the copy: what lies in the other, else what is no repository, else what holds not
-- even half as much, else the longer path
named as (
    select
        *,
        b_lies_in_a or not a_lies_in_b
        and (not is_repository_a, files_b > 2 * files_a, length(path_a), path_a)
            <= (not is_repository_b, files_a > 2 * files_b, length(path_b), path_b) as b_is_copy,
        case when b_is_copy then path_b else path_a end as mirror_path,
        case when b_is_copy then path_a else path_b end as original_path,
        case when b_is_copy then project_a else project_b end as original_project_path,
        case when b_is_copy then files_b else files_a end as mirror_files,
        case when b_is_copy then files_a else files_b end as original_files,
    from measured
    where
        identical_files >= {{ threshold('DUPLICATE_MIRROR_CONTENT', 'min_identical_files') }}
        and identical_share >= {{ threshold('DUPLICATE_MIRROR_CONTENT', 'min_identical_share') }}
),

-- each copy once, with what it resembles most
best as (
    select * from named
    qualify row_number() over (
        partition by mirror_path
        order by identical_files desc, identical_share desc, length(original_path), original_path
    ) = 1
),

-- at its highest directory: what lies in a mirror is said with it
final as (
    select
        best.mirror_path,
        best.original_path,
        best.original_project_path,
        best.mirror_files,
        best.original_files,
        best.identical_files,
        best.identical_share,
        best.is_exact,
        directories.project_path,
        directories.tree_size_bytes as mirror_size_bytes,
        directories.run_id,
    from best
    inner join directories on directories.path = best.mirror_path
    left join best as above
        on above.mirror_path <> best.mirror_path and {{ is_beneath('best.mirror_path', 'above.mirror_path') }}
    where above.mirror_path is null
)

select * from final
