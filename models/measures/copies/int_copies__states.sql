with closest as (
    select * from {{ ref('int_copies__closest') }}
),

best_states as (
    select * from {{ ref('int_copies__best_states') }}
),

newest_commits as (
    select * from {{ ref('int_copies__newest_commits') }}
),

commits as (
    select * from {{ ref('commits') }}
),

tags as (
    select
        refs.project_id,
        commits.commit_sha,
        commits.chain_place,
        replace(refs.ref_name, 'refs/tags/', '') as tag,
    from {{ ref('git_refs') }} as refs
    inner join commits
        on commits.project_id = refs.project_id and commits.commit_sha = refs.commit_sha
    where refs.is_tag
),

-- the files of a copy that are in no version of the original
own as (
    select
        closest.folder_path,
        count(*) as own_files,
        list(files.place order by files.place)[1:20] as own_places,
    from closest
    inner join {{ ref('int_copies__files') }} as files using (folder_path)
    anti join {{ ref('int_copies__known_files') }} as known_files
        on known_files.folder_path = closest.folder_path
        and known_files.origin_path = closest.origin_path
        and known_files.path = files.path
    group by closest.folder_path
),

dated as (
    select
        closest.* exclude (commit_count, is_original, is_origin_copy, is_origin_default),
        best_states.chain_place,
        best_states.next_place,
        newest_commits.folder_path is null as is_whole_state,
        commits.commit_sha as state_commit,
        commits.committed_at as state_at,
    from closest
    left join best_states using (folder_path)
    left join newest_commits using (folder_path)
    left join commits
        on commits.project_id = closest.origin_id
        and case
            when closest.has_head then commits.commit_sha = closest.head_commit
            when newest_commits.folder_path is not null
                then commits.commit_sha = newest_commits.commit_sha
            else commits.chain_place = best_states.chain_place
        end
),

-- the first tag of the state
named as (
    select
        dated.folder_path,
        min_by(tags.tag, (tags.chain_place, length(tags.tag), tags.tag)) as state_tag,
    from dated
    inner join tags
        on tags.project_id = dated.origin_id
        and case
            when tags.commit_sha = dated.state_commit then true
            when dated.has_head or not dated.is_whole_state then false
            else
                tags.chain_place >= dated.chain_place
                and tags.chain_place < coalesce(dated.next_place, tags.chain_place + 1)
        end
    group by dated.folder_path
),

-- one row per folder that has most of its files from the history of a repository
final as (
    select
        dated.* exclude (chain_place, next_place),
        coalesce(own.own_files, 0) as own_files,
        coalesce(own.own_places, []) as own_places,
        named.state_tag,
        not origins.is_shallow and not origins.is_partial as is_whole_history,
    from dated
    inner join {{ ref('git_repositories') }} as origins on origins.project_id = dated.origin_id
    left join own using (folder_path)
    left join named using (folder_path)
)

select * from final
