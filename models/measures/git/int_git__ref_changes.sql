with readings as (
    select path, run_id, run_seq
    from {{ ref('stg_git__repositories') }}
    where commit_count is not null
),

-- The changes of a reading that failed later on are landed again with the next one.
changes as (
    select
        changes.*,
        earlier.run_seq as earlier_seq,
    from {{ ref('stg_git__ref_changes') }} as changes
    inner join readings
        on readings.path = changes.repository_path and readings.run_id = changes.run_id
    inner join readings as earlier
        on earlier.path = changes.repository_path and earlier.run_id = changes.earlier_run_id
),

projects as (
    select * from {{ ref('int_structure__projects') }}
),

compared as (select distinct repository_path, run_id, run_seq, earlier_seq from changes),

-- the project that left the place of a change since then
departed as (
    select
        compared.repository_path,
        compared.run_id,
        min_by(moves.first_path, moves.run_seq) as first_path,
        min_by(moves.native_number, moves.run_seq) as native_number,
    from compared
    inner join {{ ref('int_structure__moves') }} as moves
        on moves.from_path = compared.repository_path and moves.run_seq > compared.run_seq
    group by compared.repository_path, compared.run_id
),

-- Between both readings, another project took the place, with refs of its own.
replaced as (
    select distinct compared.repository_path, compared.run_id
    from compared
    inner join {{ ref('int_structure__moves') }} as moves
        on compared.repository_path in (moves.from_path, moves.to_path)
        and moves.run_seq > compared.earlier_seq
        and moves.run_seq < compared.run_seq
),

-- One row per ref and change. Readings by older code landed none.
final as (
    select
        projects.project_id,
        projects.project_path,
        changes.repository_path,
        changes.ref_name,
        regexp_replace(changes.ref_name, '^refs/(heads|remotes|tags)/', '') as short_name,
        case
            when starts_with(changes.ref_name, 'refs/heads/') then 'branch'
            when starts_with(changes.ref_name, 'refs/remotes/') then 'remote'
            else 'tag'
        end as ref_kind,
        changes.change_type,
        changes.object_before,
        changes.object_after,
        changes.relation,
        changes.added_count,
        changes.lost_count,
        coalesce(lost.dropped_count, 0) as dropped_count,
        coalesce(lost.dropped_of_others_count, 0) as dropped_of_others_count,
        coalesce(changes.is_default, false)
        or (
            ref_kind = 'remote'
            and regexp_replace(short_name, '^[^/]*/', '') = projects.default_branch
        ) as is_default,
        changes.has_common_commit,
        ref_kind = 'remote' or coalesce(projects.is_bare, false) as is_shared,
        projects.remote_url is not null as has_remote,
        changes.landed_at as changed_at,
        changes.run_id,
        changes.run_seq,
    from changes
    left join departed using (repository_path, run_id)
    left join replaced using (repository_path, run_id)
    left join projects as here on here.project_path = changes.repository_path
    inner join projects
        on projects.first_path = coalesce(departed.first_path, here.first_path)
        and projects.native_number = coalesce(departed.native_number, here.native_number)
    left join {{ ref('int_git__lost_commits') }} as lost
        on lost.repository_path = changes.repository_path
        and lost.run_id = changes.run_id
        and lost.ref_name = changes.ref_name
    where
        replaced.repository_path is null
        -- A work tree has the refs of its repository.
        and projects.project_path not in (
            select path from {{ ref('int_structure__repositories') }} where kind = 'worktree'
        )
)

select * from final
