{{ config(materialized='view') }}
with commits as (
    select * from {{ ref('commits') }}
    where is_reachable
),

versions as (
    select * from {{ ref('file_versions') }}
),

commit_mentions as (
    select * from {{ ref('int_git__commit_mentions') }}
    where named_sha is not null
),

-- one row per message that names one commit and no other
named_beside as (
    select
        project_id,
        commit_sha,
        any_value(named_chain_place) as chain_place,
    from commit_mentions
    group by project_id, commit_sha
    having count(*) = 1
),

-- one row per word of a message with the form of a path: a folder and an ending
mentions as (
    select distinct
        commits.project_id,
        commits.commit_sha,
        commits.committed_at,
        coalesce(named_beside.chain_place, commits.chain_place) as chain_place,
        ltrim(unnest(regexp_extract_all(
            commits.subject || chr(10) || commits.body, '[\w.@+-]+(?:/[\w.@+-]+)+\.\w{1,8}\b'
        )), './') as mention,
    from commits
    left join named_beside using (project_id, commit_sha)
    where contains(commits.subject || chr(10) || commits.body, '/')
),

-- the version of the path in the commit named beside it, else at the time of the message
final as (
    select
        mentions.project_id,
        mentions.commit_sha,
        mentions.mention,
        max_by(versions.commit_sha, versions.chain_place) as named_sha,
        max_by(versions.blob_id, versions.chain_place) as blob_id,
    from mentions
    left join versions
        on versions.project_id = mentions.project_id
        and versions.file_path = mentions.mention
        and (
            mentions.chain_place is null
            or (
                versions.chain_place <= mentions.chain_place
                and coalesce(versions.next_place > mentions.chain_place, true)
            )
        )
        and (
            mentions.chain_place is not null
            or (
                versions.valid_from <= mentions.committed_at
                and coalesce(versions.valid_to > mentions.committed_at, true)
            )
        )
    group by mentions.project_id, mentions.commit_sha, mentions.mention
)

select * from final
