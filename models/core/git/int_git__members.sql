with standings as (
    select * from {{ ref('stg_git__members') }}
),

-- one row per repository and commit: its newest standing there
final as (
    select
        repository_path,
        commit_sha,
        max_by(is_reachable, run_seq) as is_reachable,
        max_by(is_in_default, run_seq) as is_in_default,
        -- max_by ignores NULL, so 0 stands for it.
        nullif(max_by(coalesce(chain_place, 0), run_seq), 0) as chain_place,
        max_by(run_id, run_seq) as run_id,
        max(run_seq) as run_seq,
    from standings
    group by repository_path, commit_sha
)

select * from final
