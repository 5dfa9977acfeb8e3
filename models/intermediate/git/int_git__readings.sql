with commits as (
    select
        *,
        changes_state in ('read', 'exact', 'boundary') as has_changes,
    from {{ ref('stg_git__commits') }}
),

-- A shallow or partial clone has less of a commit than a complete one that was read later. The
-- texts are those of the newest reader, whose run may have no changes.
final as (
    select
        commit_sha,
        max_by(run_id, (changes_state in ('read', 'exact'), has_changes, run_seq))
        filter (where changes_state <> 'text') as run_id,
        max_by(has_changes, (changes_state in ('read', 'exact'), has_changes, run_seq))
        filter (where changes_state <> 'text') as has_changes,
        max_by(changes_state, (changes_state in ('read', 'exact'), has_changes, run_seq))
        filter (where changes_state <> 'text') as changes_state,
        max_by(run_id, (coalesce(reader, 1), run_seq)) as text_run_id,
    from commits
    group by commit_sha
)

select * from final
