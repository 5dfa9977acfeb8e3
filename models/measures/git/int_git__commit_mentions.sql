{{ config(materialized='view') }}
with commits as (
    select * from {{ ref('commits') }}
    where is_reachable
),

messages as (
    select
        project_id,
        commit_sha,
        subject || chr(10) || body as message,
    from commits
),

-- one row per word of a message that may be the id of a commit: letters alone make an ordinary word
ids as (
    select distinct
        project_id,
        commit_sha,
        unnest(regexp_extract_all(message, '\b[0-9a-f]{7,64}\b')) as mention,
    from messages
    where regexp_matches(message, '\b[0-9a-f]{7,64}\b')
),

-- one row per mention; an ambiguous prefix resolves to nothing
final as (
    select
        ids.project_id,
        ids.commit_sha,
        ids.mention,
        case when count(named.commit_sha) = 1 then any_value(named.commit_sha) end as named_sha,
        case when count(named.commit_sha) = 1 then any_value(named.chain_place) end
            as named_chain_place,
    from ids
    left join commits as named
        on named.project_id = ids.project_id
        and left(named.commit_sha, 7) = left(ids.mention, 7)
        and starts_with(named.commit_sha, ids.mention)
    where regexp_matches(ids.mention, '[0-9]')
    group by ids.project_id, ids.commit_sha, ids.mention
)

select * from final
