with repositories as (
    select * from {{ ref('git_repositories') }}
),

members as (
    select
        repository_path,
        commit_sha,
        max_by(is_reachable, run_seq) as is_reachable,
        max_by(is_in_default, run_seq) as is_in_default,
        -- max_by ignores NULL, so 0 stands for it.
        nullif(max_by(coalesce(chain_place, 0), run_seq), 0) as chain_place,
        max_by(run_id, run_seq) as run_id,
        max(run_seq) as run_seq,
    from {{ ref('stg_git__members') }}
    group by repository_path, commit_sha
),

readings as (
    select * from {{ ref('int_git__readings') }}
),

commits as (
    select
        stg_git__commits.*,
        coalesce(stg_git__commits.committed_at, timestamp '1970-01-01') as clock_at,
    from {{ ref('stg_git__commits') }} as stg_git__commits
    inner join readings using (commit_sha, run_id)
),

-- Clocks run backwards: a commit is the tip from the earliest time of itself and all after it,
-- which is the answer of `git rev-list --first-parent --before`.
timed as (
    select
        members.repository_path,
        members.commit_sha,
        members.chain_place,
        min(commits.clock_at) over (
            partition by members.repository_path
            order by members.chain_place desc
        ) as valid_from,
    from members
    inner join commits on commits.commit_sha = members.commit_sha
    where members.chain_place is not null
    -- Each place of the chain has one commit: the one that was landed last.
    qualify row_number() over (
        partition by members.repository_path, members.chain_place
        order by members.run_seq desc, members.commit_sha
    ) = 1
),

chain as (
    select
        repository_path,
        commit_sha,
        chain_place,
        valid_from,
        lead(valid_from) over (partition by repository_path order by chain_place) as valid_to,
    from timed
),

final as (
    select
        repositories.project_id,
        repositories.project_path,
        commits.commit_sha,
        commits.tree_id,
        {{ as_json_text('commits.parents') }} as parent_shas,
        len(commits.parents) as parent_count,
        commits.author_name,
        commits.author_email,
        commits.authored_at,
        commits.author_zone,
        commits.committer_name,
        commits.committer_email,
        commits.committed_at,
        commits.committer_zone,
        commits.subject,
        commits.body,
        members.is_reachable,
        members.is_in_default,
        chain.chain_place,
        chain.valid_from,
        chain.valid_to,
        commits.changes_state,
        members.run_id as source_run_id,
    from members
    inner join repositories on repositories.project_path = members.repository_path
    inner join commits on commits.commit_sha = members.commit_sha
    left join chain
        on chain.repository_path = members.repository_path and chain.commit_sha = members.commit_sha
)

select * from final
