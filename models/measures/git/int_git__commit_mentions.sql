{{ config(materialized='ephemeral') }}
with commits as (
    select * from {{ ref('commits') }}
    where is_reachable
),

words as (
    select * from {{ ref('int_git__message_words') }}
),

-- the id in a word: the word itself, after `owner/name@`, or after the kind of a forge's page
ids as (
    select
        *,
        regexp_extract(
            mention,
            '^(?:[\w.-]+/[\w.-]+@)?([0-9a-f]{7,64})$'
            || '|://.*/(?:commits?|blob|tree|blame|raw|src)/([0-9a-f]{7,64})(?:$|[/#?])',
            ['plain', 'linked']
        ) as forms,
        coalesce(nullif(forms['plain'], ''), forms['linked']) as id,
    from words
),

-- one row per mention; an ambiguous prefix resolves to nothing
matched as (
    select
        ids.project_id,
        ids.commit_sha,
        ids.mention,
        ids.id,
        bool_or(ids.is_labelled) as is_labelled,
        bool_or(ids.is_of_project) as is_of_project,
        case when count(named.commit_sha) = 1 then any_value(named.commit_sha) end as named_sha,
        case when count(named.commit_sha) = 1 then any_value(named.chain_place) end
            as named_chain_place,
    from ids
    left join commits as named
        on named.project_id = ids.project_id
        and left(named.commit_sha, 7) = left(ids.id, 7)
        and starts_with(named.commit_sha, ids.id)
    where
        ids.id <> ''
        -- letters alone make an ordinary word
        and regexp_matches(ids.id, '[0-9]')
    group by ids.project_id, ids.commit_sha, ids.mention, ids.id
),

-- an id that is not found is a mention only if the message calls it a commit of this repository
final as (
    select
        project_id,
        commit_sha,
        mention,
        named_sha,
        named_chain_place,
    from matched
    where named_sha is not null or is_labelled or is_of_project
)

select * from final
