{{ config(materialized='ephemeral') }}
with projects as (
    select
        project_path,
        head_commit,
        regexp_replace(rtrim(remote_url, '/'), '^file://|/\.git$', '', 'g') as remote_path,
    from {{ ref('int_structure__projects') }}
    where kind = 'repository' and not is_gone and not is_pointer
),

heads as (
    select
        commits.commit_sha,
        max(commits.committed_at) as committed_at,
    from {{ ref('stg_git__commits') }} as commits
    where commits.commit_sha in (select head_commit from projects)
    group by commits.commit_sha
),

-- a HEAD that is in the default branch of a repository, and its place in it
held as (
    select
        members.repository_path,
        members.commit_sha,
        heads.committed_at,
        -- max_by ignores NULL, so 0 stands for it.
        nullif(max_by(coalesce(members.chain_place, 0), members.run_seq), 0) as chain_place,
    from {{ ref('stg_git__members') }} as members
    inner join heads using (commit_sha)
    group by members.repository_path, members.commit_sha, heads.committed_at
    having max_by(coalesce(members.is_in_default, false), members.run_seq)
),

cloned as (
    select copies.project_path as copy_path, originals.project_path as original_path
    from projects as copies
    inner join projects as originals on originals.project_path = copies.remote_path
    where originals.remote_path is distinct from copies.project_path
),

-- The HEAD of the other is later in the default branch that has both.
behind as (
    select copies.project_path as copy_path, originals.project_path as original_path
    from projects as copies
    inner join held as earlier on earlier.commit_sha = copies.head_commit
    inner join projects as originals on originals.project_path = earlier.repository_path
    inner join held as later
        on later.repository_path = originals.project_path
        and later.commit_sha = originals.head_commit
    where
        coalesce(
            earlier.chain_place < later.chain_place,
            earlier.committed_at < later.committed_at
        )
        and (originals.project_path, copies.project_path) not in (
            select (copy_path, original_path) from cloned
        )
),

-- one row per repository and other one here that it was cloned from, or that is ahead of it
final as (
    select copy_path, original_path from cloned

    union

    select copy_path, original_path from behind
)

select * from final
