{{ config(materialized='ephemeral') }}
{%- set in_word = '[^\\s()\\[\\]{}<>"\'\'`,;|*=]' %}
with commits as (
    select * from {{ ref('commits') }}
    where is_reachable
),

projects as (
    select * from {{ ref('int_structure__projects') }}
),

-- a merge names branches in its subject, and a branch may look like a path
messages as (
    select
        commits.project_id,
        commits.commit_sha,
        commits.committed_at,
        commits.chain_place,
        projects.project_name,
        case when projects.remote_url is not null then {{ remote_key('projects.remote_url') }} end
            as remote_key,
        case when parent_count > 1 and starts_with(subject, 'Merge ') then '' else subject end
        || chr(10) || body as message,
    from commits
    inner join projects using (project_id)
),

-- one row per word that has the form of a commit id, a file name, a path or an address
words as (
    select distinct
        * exclude (message),
        -- a place in a file and the marks of a sentence around it are not part of its name
        regexp_replace(
            unnest(regexp_extract_all(
                message,
                '{{ in_word }}*(?:[./]{{ in_word }}+|[0-9a-f]{7}){{ in_word }}*'
                || '|\b(?:[A-Z]{6,}|[A-Z][a-z]+(?:file|Log))\b'
            )),
            '^[.:@!?/]+|[.:!?/]+$|(:\d+)+[.:!?]*$', '', 'g'
        ) as mention,
        regexp_extract_all(message, '(?i)\bcommits?:? ([0-9a-f]{7,64})\b', 1) as labelled,
    from messages
),

final as (
    select
        * exclude (labelled, remote_key),
        contains(mention, '://') as is_address,
        coalesce(contains(lower(mention), '://' || remote_key || '/'), false) as is_of_project,
        list_contains(labelled, mention) as is_labelled,
    from words
    where mention <> ''
)

select * from final
