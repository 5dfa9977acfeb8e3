with recursive versions as (
    select * from {{ ref('int_git__path_versions') }}
),

-- one row per life of a path that began by a rename, with the life of the old path that it
-- continues
renames as (
    select
        born.project_id,
        born.file_path,
        born.born_at_place,
        before.file_path as old_path,
        before.born_at_place as old_born_at_place,
    from versions as born
    inner join versions as before
        on before.project_id = born.project_id
        and before.file_path = born.old_path
        and before.next_place = born.chain_place
    where born.change_type = 'R'
),

-- each of them with every life before it
followed as (
    select
        project_id,
        file_path,
        born_at_place,
        old_path,
        old_born_at_place,
    from renames

    union all

    select
        followed.project_id,
        followed.file_path,
        followed.born_at_place,
        renames.old_path,
        renames.old_born_at_place,
    from followed
    inner join renames
        on renames.project_id = followed.project_id
        and renames.file_path = followed.old_path
        and renames.born_at_place = followed.old_born_at_place
),

-- the first life, which began with an added file
final as (
    select
        project_id,
        file_path,
        born_at_place,
        min_by(old_path, old_born_at_place) as origin_path,
        min(old_born_at_place) as origin_place,
    from followed
    group by project_id, file_path, born_at_place
)

select * from final
