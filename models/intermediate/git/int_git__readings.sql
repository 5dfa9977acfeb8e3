with commits as (
    select
        *,
        changes_state in ('read', 'exact', 'boundary') as has_changes,
    from {{ ref('stg_git__commits') }}
),

-- A shallow or partial clone has less of a commit than a complete one that was read later.
final as (
    select
        commit_sha,
        max_by(run_id, (changes_state in ('read', 'exact'), has_changes, run_seq)) as run_id,
        max_by(has_changes, (changes_state in ('read', 'exact'), has_changes, run_seq))
            as has_changes,
    from commits
    group by commit_sha
)

select * from final
