with directories as (
    select * from {{ ref('int_mirrors__directories') }}
),


alike as (
    select
        *,
        identical_files / least(files_a, files_b) as identical_share,
    from {{ ref('int_mirrors__directory_pairs') }}
    where
        identical_files >= {{ threshold('DUPLICATE_MIRROR_CONTENT', 'min_identical_files') }}
        and identical_files / least(files_a, files_b)
            >= {{ threshold('DUPLICATE_MIRROR_CONTENT', 'min_identical_share') }}
),

-- which of the two is the copy: what lies in the other, else what is no repository, else the longer path
sided as (
    select
        alike.*,
        {{ is_beneath('alike.path_b', 'alike.path_a') }}
        or not {{ is_beneath('alike.path_a', 'alike.path_b') }}
        and (side_a.project_kind <> 'repository', length(alike.path_a), alike.path_a)
            <= (side_b.project_kind <> 'repository', length(alike.path_b), alike.path_b) as b_is_the_copy,
    from alike
    inner join directories as side_a on side_a.path = alike.path_a
    inner join directories as side_b on side_b.path = alike.path_b
),

named as (
    select
        case when b_is_the_copy then path_b else path_a end as mirror_path,
        case when b_is_the_copy then path_a else path_b end as original_path,
        case when b_is_the_copy then files_b else files_a end as mirror_files,
        case when b_is_the_copy then files_a else files_b end as original_files,
        identical_files,
        identical_share,
        is_exact,
    from sided
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
        best.*,
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
