{{ config(materialized='ephemeral') }}
with rewritten as (
    select repository_path, run_id, ref_name, added_commits, lost_commits
    from {{ ref('stg_git__ref_changes') }}
    where relation in ('backward', 'diverged')
),

listed as (
    select
        repository_path,
        run_id,
        ref_name,
        unnest(lost_commits) as commit_sha,
        true as is_lost,
    from rewritten

    union all

    select
        repository_path,
        run_id,
        ref_name,
        unnest(added_commits) as commit_sha,
        false as is_lost,
    from rewritten
),

texts as (
    select
        commit_sha,
        any_value(lower(author_email)) as author,
        any_value(lower(committer_email)) as committer,
        any_value(authored_at) as authored_at,
        any_value(len(parents)) as parent_count,
    from {{ ref('stg_git__commits') }}
    where commit_sha in (select commit_sha from listed)
    group by commit_sha
),

commits as (
    select *
    from listed
    inner join texts using (commit_sha)
),

-- Rebased, amended and cherry-picked commits keep the author and the time of the original. A merge
-- holds no work of its own.
dropped as (
    select *
    from commits as lost
    where
        lost.is_lost
        and lost.parent_count < 2
        and not exists (
            select 1
            from commits as added
            where
                not added.is_lost
                and added.repository_path = lost.repository_path
                and added.run_id = lost.run_id
                and added.ref_name = lost.ref_name
                and added.author = lost.author
                and added.authored_at = lost.authored_at
        )
),

-- one row per rewritten branch with lost work: commits that have no equal among the new ones, and
-- those among them by people who had no part in the new ones
final as (
    select
        repository_path,
        run_id,
        ref_name,
        count(*) as dropped_count,
        count(*) filter (
            where author not in (
                select unnest([added.author, added.committer])
                from commits as added
                where
                    not added.is_lost
                    and added.repository_path = dropped.repository_path
                    and added.run_id = dropped.run_id
                    and added.ref_name = dropped.ref_name
            )
        ) as dropped_of_others_count,
    from dropped
    group by repository_path, run_id, ref_name
)

select * from final
