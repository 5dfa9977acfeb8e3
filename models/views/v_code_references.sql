with commits as (
    select
        *,
        subject || chr(10) || body as message,
    from {{ ref('commits') }}
    where is_reachable
),

versions as (
    select * from {{ ref('file_versions') }}
),

-- one row per word of a message that may be a commit's id: words of letters alone are words
ids as (
    select distinct
        project_id,
        commit_sha,
        unnest(regexp_extract_all(message, '\b[0-9a-f]{7,64}\b')) as mention,
    from commits
    where regexp_matches(message, '\b[0-9a-f]{7,64}\b')
),

resolved_ids as (
    select
        ids.project_id,
        ids.commit_sha,
        ids.mention,
        -- What several commits begin with names none.
        case when count(named.commit_sha) = 1 then any_value(named.commit_sha) end as named_sha,
    from ids
    left join commits as named
        on named.project_id = ids.project_id
        and left(named.commit_sha, 7) = left(ids.mention, 7)
        and starts_with(named.commit_sha, ids.mention)
    where regexp_matches(ids.mention, '[0-9]')
    group by ids.project_id, ids.commit_sha, ids.mention
),

-- one row per message that names one commit and no other
explicit as (
    select
        resolved_ids.project_id,
        resolved_ids.commit_sha,
        any_value(named.chain_place) as chain_place,
    from resolved_ids
    inner join commits as named
        on named.project_id = resolved_ids.project_id and named.commit_sha = resolved_ids.named_sha
    group by resolved_ids.project_id, resolved_ids.commit_sha
    having count(*) = 1
),

-- one row per word of a message that looks like a path: with a folder and an ending
paths as (
    select distinct
        project_id,
        commit_sha,
        ltrim(unnest(regexp_extract_all(message, '[\w.@+-]+(?:/[\w.@+-]+)+\.\w{1,8}\b')), './') as mention,
    from commits
    where contains(message, '/')
),

-- the version that a path had in the commit named beside it, else at the time of the mention
resolved_paths as (
    select
        paths.project_id,
        paths.commit_sha,
        paths.mention,
        max_by(versions.commit_sha, versions.chain_place) as named_sha,
        max_by(versions.blob_id, versions.chain_place) as blob_id,
    from paths
    inner join commits on commits.project_id = paths.project_id and commits.commit_sha = paths.commit_sha
    left join explicit on explicit.project_id = paths.project_id and explicit.commit_sha = paths.commit_sha
    left join versions
        on versions.project_id = paths.project_id
        and versions.file_path = paths.mention
        and case
            when coalesce(explicit.chain_place, commits.chain_place) is not null
                then versions.chain_place <= coalesce(explicit.chain_place, commits.chain_place)
                    and coalesce(versions.next_place > coalesce(explicit.chain_place, commits.chain_place), true)
            else versions.valid_from <= commits.committed_at
                and coalesce(versions.valid_to > commits.committed_at, true)
        end
    group by paths.project_id, paths.commit_sha, paths.mention
),

every_mention as (
    select project_id, commit_sha, mention, 'commit' as kind, named_sha, null as blob_id from resolved_ids

    union all

    select project_id, commit_sha, mention, 'path', named_sha, blob_id from resolved_paths
),

final as (
    select
        every_mention.project_id,
        commits.project_path,
        every_mention.commit_sha,
        every_mention.kind,
        every_mention.mention,
        every_mention.named_sha,
        every_mention.blob_id,
        every_mention.named_sha is not null as is_resolved,
        commits.committed_at as mentioned_at,
        commits.source_run_id,
    from every_mention
    inner join commits
        on commits.project_id = every_mention.project_id and commits.commit_sha = every_mention.commit_sha
)

select * from final
