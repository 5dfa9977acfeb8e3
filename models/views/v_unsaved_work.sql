with work as (
    select * from {{ ref('int_unsaved__work') }}
),

projects as (
    select project_id, project_name from {{ ref('projects') }}
),

final as (
    select
        work.project_id,
        work.project_path,
        projects.project_name,
        mine.is_mine,
        work.sentence,
        work.path_count,
        work.modified_count,
        work.added_count,
        work.untracked_count,
        work.deleted_count,
        work.staged_count,
        work.conflict_count,
        work.submodule_count,
        work.path_bytes,
        work.path_changed_at,
        work.operation,
        work.stash_count,
        work.oldest_stash_at,
        work.stash_changed_at,
        work.branch_count,
        work.detached_count,
        work.unpushed_commit_count,
        work.branch_changed_at,
        case work.remote_kind when 'none' then false else true end as has_remote,
        work.commits_without_remote,
        work.precious_count,
        work.precious_bytes,
        work.unknown_count,
        coalesce(
            work.reason,
            work.unknown_reason,
            case when work.remote_kind = 'untracked' then 'no ref states what the remote has' end
        ) as unknown_reason,
        work.newest_change_at,
        work.things,
        work.read_at,
        work.run_id as source_run_id,
    from work
    inner join projects using (project_id)
    left join {{ ref('int_git__mine') }} as mine using (project_id)
)

select * from final
