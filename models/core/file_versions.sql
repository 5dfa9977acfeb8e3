with chain as (
    select * from {{ ref('commits') }}
    where chain_place is not null
),

changes as (
    select * from {{ ref('int_git__changes') }}
    where parent_number = 1
),

-- one row per path and commit of the chain that wrote it, or ended it: a rename does both
events as (
    select
        commit_sha,
        file_path,
        change_type,
        old_path,
        blob_after as blob_id,
        mode_after as mode,
    from changes

    union all

    select
        commit_sha,
        old_path,
        'D',
        null,
        null,
        null,
    from changes
    where change_type = 'R'
),

versions as (
    select
        chain.project_id,
        chain.project_path,
        events.file_path,
        chain.chain_place,
        events.change_type,
        events.old_path,
        events.blob_id,
        events.mode,
        chain.commit_sha,
        chain.valid_from,
        lead(chain.valid_from) over following as valid_to,
        lead(chain.chain_place) over following as next_place,
        -- where this life of the path began
        max(case when events.change_type in ('A', 'R') then chain.chain_place end) over (
            partition by chain.project_id, events.file_path
            order by chain.chain_place
        ) as born_at_place,
        chain.source_run_id,
    from events
    inner join chain on chain.commit_sha = events.commit_sha
    window following as (
        partition by chain.project_id, events.file_path
        order by chain.chain_place
    )
),

-- one row per life of a path that began by a rename: which life of the other path it goes on with
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

-- followed back to the life that began with nothing
origins as (
    with recursive followed as (
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
    )

    select
        project_id,
        file_path,
        born_at_place,
        min_by(old_path, old_born_at_place) as origin_path,
        min(old_born_at_place) as origin_place,
    from followed
    group by project_id, file_path, born_at_place
),

final as (
    select
        versions.project_id,
        versions.project_path,
        versions.file_path,
        versions.chain_place,
        versions.next_place,
        versions.valid_from,
        versions.valid_to,
        versions.blob_id,
        versions.commit_sha,
        versions.mode,
        versions.change_type,
        versions.old_path,
        {{ hash_id([
            'versions.project_id',
            'coalesce(origins.origin_path, versions.file_path)',
            'cast(coalesce(origins.origin_place, versions.born_at_place) as varchar)',
        ]) }} as file_lineage_id,
        versions.source_run_id,
    from versions
    left join origins
        on origins.project_id = versions.project_id
        and origins.file_path = versions.file_path
        and origins.born_at_place = versions.born_at_place
    where versions.change_type <> 'D'
)

select * from final
