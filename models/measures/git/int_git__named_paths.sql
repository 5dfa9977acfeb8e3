{{ config(materialized='ephemeral') }}
{%- set page_of_file = '/(?:blob|blame|raw|src)/(?:commit/|branch/|tag/)?[^/]+' %}
with words as (
    select * from {{ ref('int_git__message_words') }}
),

commit_mentions as (
    select * from {{ ref('int_git__commit_mentions') }}
    where named_chain_place is not null
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

-- one row per word that may be a path; on a page of a forge, the path follows the revision
final as (
    select
        words.project_id,
        words.commit_sha,
        words.committed_at,
        words.chain_place as own_place,
        words.mention,
        words.is_address,
        case
            when words.is_address
                then regexp_extract(words.mention, '{{ page_of_file }}/([^#?]+)', 1)
            else words.mention
        end as named_path,
        {{ last_part('named_path') }} as file_name,
        coalesce(linked.named_chain_place, named_beside.chain_place, words.chain_place)
            as chain_place,
    from words
    left join named_beside using (project_id, commit_sha)
    left join commit_mentions as linked
        on words.is_address
        and linked.project_id = words.project_id
        and linked.commit_sha = words.commit_sha
        and linked.mention = words.mention
    where
        (not words.is_address or words.is_of_project or linked.mention is not null)
        and (words.is_address or lower(words.mention) <> lower(words.project_name))
)

select * from final
