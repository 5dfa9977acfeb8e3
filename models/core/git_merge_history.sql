with commits as (
    select * from {{ ref('commits') }}
    where is_reachable
),

-- a merge, and the branch and number that git or the host of a pull request writes in its subject
merge_commits as (
    select
        *,
        regexp_extract(subject, '^Merge (?:remote-tracking )?branch ''([^'']+)''', 1) as branch,
        regexp_extract(
            subject,
            '^Merge (?:pull request [#!]?[0-9]+ (?:in \S+ )?|pull request ''.*'' \([#!][0-9]+\) )'
            || 'from (\S+)',
            1
        ) as pull_request_branch,
        regexp_extract(subject, '^Merged in (\S+) \(pull request #[0-9]+\)$', 1) as merged_in,
    from commits
    where parent_count > 1
),

-- one row per commit that another one reverts, in the words of git
reverts as (
    select distinct
        project_id,
        unnest(regexp_extract_all(body, 'This reverts commit ([0-9a-f]{40,64})', 1))
            as commit_sha,
    from commits
    where contains(body, 'This reverts commit ')
),

final as (
    select
        merge_commits.project_id,
        merge_commits.project_path,
        merge_commits.commit_sha as merge_commit,
        coalesce(
            nullif(merge_commits.branch, ''),
            nullif(merge_commits.pull_request_branch, ''),
            nullif(merge_commits.merged_in, '')
        ) as branch,
        merge_commits.request_number as pr_number,
        case
            when reverts.commit_sha is not null then 'reverted'
            when regexp_matches(merge_commits.body, '(?m)^#?\s*Conflicts:') then 'conflict'
            else 'success'
        end as status,
        merge_commits.committed_at as merged_at,
        merge_commits.person_name as agent_name,
        merge_commits.person_email as agent_email,
        merge_commits.parent_shas,
        merge_commits.chain_place is not null as is_on_default_branch,
        merge_commits.subject,
        merge_commits.source_run_id,
    from merge_commits
    left join reverts using (project_id, commit_sha)
)

select * from final
