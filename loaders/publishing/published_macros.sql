-- The macros of a published file: questions that take parameters, for use in SQL.

create macro main.sha_at
-- The content of a file (its absolute path) at a time in UTC, on the default branch: blob and commit,
-- or NULL if the file did not exist. The commit is the newest one of the first-parent chain by then.
(path, at_time) as (
    select
        max_by(
            {'blob_id': file_versions.blob_id, 'commit_sha': commits.commit_sha},
            -- A file of a repository in another one is the inner one's.
            length(file_versions.project_path)
        )
    from main.file_versions
    inner join main.commits
        on commits.project_id = file_versions.project_id
        and commits.valid_from <= at_time
        and (commits.valid_to is null or commits.valid_to > at_time)
    where file_versions.project_path || '/' || file_versions.file_path = path
        and file_versions.valid_from <= at_time
        and (file_versions.valid_to is null or file_versions.valid_to > at_time)
),

-- The same on another branch, tag or HEAD, by its full or its short name; for one path and time, not for columns.
(path, at_time, ref) as (
    with recursive tip as (
        select
            project_id,
            project_path,
            commit_sha,
        from main.git_refs
        where starts_with(path, project_path || '/')
            and list_contains([ref, 'refs/heads/' || ref, 'refs/tags/' || ref, 'refs/remotes/' || ref], ref_name)
        order by
            length(project_path) desc,
            list_position([ref, 'refs/heads/' || ref, 'refs/tags/' || ref, 'refs/remotes/' || ref], ref_name)
        limit 1
    ),

    -- its first parents, down to the first commit of the chain of the default branch
    own as (
        select
            commits.commit_sha,
            commits.parent_shas,
            commits.chain_place,
            commits.committed_at,
            0 as depth,
        from main.commits
        inner join tip on tip.project_id = commits.project_id and tip.commit_sha = commits.commit_sha

        union all

        select
            commits.commit_sha,
            commits.parent_shas,
            commits.chain_place,
            commits.committed_at,
            own.depth + 1,
        from own
        cross join tip
        inner join main.commits
            on commits.project_id = tip.project_id
            and commits.commit_sha = json_extract_string(own.parent_shas, '$[0]')
        where own.chain_place is null
    ),

    meeting as (
        select
            coalesce(max(chain_place), 0) as place,
            count(*) filter (where chain_place is null) as own_count,
        from own
    ),

    chain as (
        select
            commits.commit_sha,
            commits.chain_place as place,
            commits.committed_at,
        from main.commits
        inner join tip on tip.project_id = commits.project_id
        cross join meeting
        where commits.chain_place <= meeting.place

        union all

        select
            own.commit_sha,
            meeting.place + meeting.own_count - own.depth,
            own.committed_at,
        from own
        cross join meeting
        where own.chain_place is null
    ),

    newest as (
        select
            commit_sha,
            place,
        from chain
        where coalesce(committed_at, timestamp '1970-01-01') <= at_time
        order by place desc
        limit 1
    ),

    -- the last commit that wrote or deleted the path, on its own chain; else the version at the fork
    events as (
        select
            chain.place,
            case when changes.file_path = path[length(tip.project_path) + 2:] then changes.blob_after end as blob_id,
        from main.git_commits as changes
        inner join tip on tip.project_id = changes.project_id
        inner join chain on chain.commit_sha = changes.commit_sha
        cross join meeting
        cross join newest
        where changes.parent_number = 1
            and chain.place > meeting.place
            and chain.place <= newest.place
            and (
                changes.file_path = path[length(tip.project_path) + 2:]
                or (changes.change_type = 'R' and changes.old_path = path[length(tip.project_path) + 2:])
            )

        union all

        select
            file_versions.chain_place,
            file_versions.blob_id,
        from main.file_versions
        inner join tip on tip.project_id = file_versions.project_id
        cross join meeting
        cross join newest
        where file_versions.file_path = path[length(tip.project_path) + 2:]
            and file_versions.chain_place <= least(meeting.place, newest.place)
            and coalesce(file_versions.next_place > least(meeting.place, newest.place), true)
    )

    select case when events.blob_id is not null then {'blob_id': events.blob_id, 'commit_sha': newest.commit_sha} end
    from events
    cross join newest
    order by events.place desc
    limit 1
);
