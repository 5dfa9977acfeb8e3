{{ config(materialized='ephemeral') }}
with mentions as (
    select * from {{ ref('int_git__named_paths') }}
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
            or (
                not mentions.is_address
                and ends_with(versions.file_path, '/' || mentions.named_path)
            )
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
final as (
    select
        project_id,
        commit_sha,
        mention,
        max_by(named_sha, chain_place) as named_sha,
        max_by(blob_id, chain_place) as blob_id,
    from found
    group by project_id, commit_sha, mention
    having count(distinct file_path) = 1
)

select * from final
