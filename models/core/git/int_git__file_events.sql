with changes as (
    select * from {{ ref('int_git__changes') }}
    where parent_number = 1
),

written as (
    select
        commit_sha,
        file_path,
        change_type,
        old_path,
        blob_after as blob_id,
        mode_after as mode,
    from changes
),

renamed_away as (
    select
        commit_sha,
        old_path as file_path,
        'D' as change_type,
    from changes
    where change_type = 'R'
),

-- one row per commit and path that it wrote or ended; a rename ends the old path
final as (
    select * from written

    union all by name

    select * from renamed_away
)

select * from final
