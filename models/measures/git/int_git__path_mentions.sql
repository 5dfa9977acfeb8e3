{{ config(materialized='ephemeral') }}
with words as (
    select * from {{ ref('int_git__message_words') }}
),

commit_mentions as (
    select * from {{ ref('int_git__commit_mentions') }}
    where named_chain_place is not null
),

versions as (
    select
        project_id,
        file_path,
        chain_place,
        next_place,
        valid_from,
        valid_to,
        commit_sha,
        blob_id,
        {{ last_part('file_path') }} as file_name,
    from {{ ref('file_versions') }}
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

-- the folders and the endings of names that a project has ever had
folders as (
    select distinct
        project_id,
        unnest(string_split(file_path, '/')[:-2]) as folder,
    from versions
),

endings as (
    select distinct
        project_id,
        regexp_extract(file_name, '\.([A-Za-z]\w{0,7})$', 1) as ending,
    from versions
),

-- one row per word that may be a path; on a page of a forge, the path follows the revision
mentions as (
    select
        words.project_id,
        words.commit_sha,
        words.committed_at,
        words.chain_place as own_place,
        words.mention,
        words.is_address,
        case
            when words.is_address then regexp_extract(
                words.mention,
                '/(?:blob|blame|raw|src)/(?:commit/|branch/|tag/)?[^/]+/([^#?]+)', 1
            )
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
),

-- the versions at that time: of this path, or of one that ends with it
found as (
    select
        mentions.project_id,
        mentions.commit_sha,
        mentions.mention,
        versions.file_path,
        versions.blob_id,
        versions.commit_sha as named_sha,
        versions.chain_place,
        versions.file_path = mentions.named_path as is_whole,
        coalesce(mentions.own_place in (versions.chain_place, versions.next_place), false)
            as is_changed_here,
    from mentions
    inner join versions
        on versions.project_id = mentions.project_id
        and versions.file_name = mentions.file_name
        and (
            versions.file_path = mentions.named_path
            or (not mentions.is_address and ends_with(versions.file_path, '/' || mentions.named_path))
        )
        and (
            mentions.chain_place is null
            or (
                versions.chain_place <= mentions.chain_place
                and coalesce(versions.next_place >= mentions.chain_place, true)
            )
        )
        and (
            mentions.chain_place is not null
            or (
                versions.valid_from <= mentions.committed_at
                and coalesce(versions.valid_to > mentions.committed_at, true)
            )
        )
    -- the whole path is meant first, then what the commit changes
    qualify dense_rank() over (
        partition by mentions.project_id, mentions.commit_sha, mentions.mention
        order by is_whole desc, is_changed_here desc
    ) = 1
),

-- one row per mention that means one path
resolved as (
    select
        project_id,
        commit_sha,
        mention,
        max_by(named_sha, chain_place) as named_sha,
        max_by(blob_id, chain_place) as blob_id,
    from found
    group by project_id, commit_sha, mention
    having count(distinct file_path) = 1
),

-- a word that is not found is a path if it begins with a folder, and ends like a file of the project
final as (
    select distinct
        mentions.project_id,
        mentions.commit_sha,
        mentions.mention,
        resolved.named_sha,
        resolved.blob_id,
    from mentions
    left join resolved using (project_id, commit_sha, mention)
    left join folders
        on folders.project_id = mentions.project_id
        and folders.folder = split_part(mentions.named_path, '/', 1)
    left join endings
        on endings.project_id = mentions.project_id
        and endings.ending = regexp_extract(mentions.file_name, '\.([A-Za-z]\w{0,7})$', 1)
    where
        resolved.named_sha is not null
        or (contains(mentions.named_path, '/') and folders.folder is not null and endings.ending <> '')
)

select * from final
