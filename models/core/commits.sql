with repositories as (
    select
        git_repositories.*,
        projects.remote_url,
    from {{ ref('git_repositories') }}
    inner join {{ ref('int_structure__projects') }} as projects using (project_id)
),

members as (
    select * from {{ ref('int_git__members') }}
),

commits as (
    select * from {{ ref('int_git__commit_texts') }}
),

mailmaps as (
    select * from {{ ref('stg_git__mailmaps') }}
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
        *,
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
        coalesce(of_both.proper_name, of_email.proper_name, commits.author_name) as person_name,
        coalesce(of_both.proper_email, of_email.proper_email, commits.author_email)
            as person_email,
        commits.is_bot,
        {{ request_number('commits.subject', 'commits.body', 'repositories.remote_url') }}
            as request_number,
    from members
    inner join repositories on repositories.project_path = members.repository_path
    inner join commits on commits.commit_sha = members.commit_sha
    -- As git does: the mapping of name and address, else that of the address.
    left join mailmaps as of_both
        on of_both.repository_path = members.repository_path
        and of_both.run_id = repositories.source_run_id
        and of_both.commit_email = lower(commits.author_email)
        and of_both.commit_name <> ''
        and of_both.commit_name = lower(commits.author_name)
    left join mailmaps as of_email
        on of_email.repository_path = members.repository_path
        and of_email.run_id = repositories.source_run_id
        and of_email.commit_email = lower(commits.author_email)
        and of_email.commit_name = ''
        and of_both.commit_email is null
    left join chain
        on chain.repository_path = members.repository_path and chain.commit_sha = members.commit_sha
)

select * from final
