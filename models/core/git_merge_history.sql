with merges as (
    select * from {{ ref('commits') }}
    where parent_count > 1 and is_reachable
),

-- one row per commit that says in git's own words that it takes another one back
reverts as (
    select distinct
        project_id,
        regexp_extract(body, 'This reverts commit ([0-9a-f]{40,64})', 1) as commit_sha,
    from {{ ref('commits') }}
    where is_reachable and contains(body, 'This reverts commit ')
),

final as (
    select
        merges.project_id,
        merges.project_path,
        merges.commit_sha as merge_commit,
        -- as git, and the places where pull requests are merged, word it
        coalesce(
            nullif(regexp_extract(merges.subject, '^Merge (?:remote-tracking )?branch ''([^'']+)''', 1), ''),
            nullif(regexp_extract(merges.subject, '^Merge pull request #[0-9]+ (?:in \S+ )?from (\S+)', 1), '')
        ) as branch,
        try_cast(nullif(regexp_extract(merges.subject, '^Merge pull request #([0-9]+)', 1), '') as bigint) as pr_number,
        case
            when reverts.commit_sha is not null then 'reverted'
            when regexp_matches(merges.body, '(?m)^#?\s*Conflicts:') then 'conflict'
            else 'success'
        end as status,
        merges.committed_at as merged_at,
        merges.author_name as agent_name,
        merges.author_email as agent_email,
        merges.parent_shas,
        merges.chain_place is not null as is_on_default_branch,
        merges.subject,
        merges.source_run_id,
    from merges
    left join reverts on reverts.project_id = merges.project_id and reverts.commit_sha = merges.commit_sha
)

select * from final
