with commits as (
    select * from {{ ref('commits') }}
),

commit_mentions as (
    select * from {{ ref('int_git__commit_mentions') }}
),

path_mentions as (
    select * from {{ ref('int_git__path_mentions') }}
),

mentions as (
    select
        project_id,
        commit_sha,
        mention,
        'commit' as kind,
        named_sha,
        null as blob_id,
    from commit_mentions

    union all

    select
        project_id,
        commit_sha,
        mention,
        'path' as kind,
        named_sha,
        blob_id,
    from path_mentions
),

final as (
    select
        mentions.project_id,
        commits.project_path,
        mentions.commit_sha,
        mentions.kind,
        mentions.mention,
        mentions.named_sha,
        mentions.blob_id,
        mentions.named_sha is not null as is_resolved,
        commits.committed_at as mentioned_at,
        commits.source_run_id,
    from mentions
    inner join commits using (project_id, commit_sha)
)

select * from final
