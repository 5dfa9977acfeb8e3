with changes as (
    select * from {{ ref('stg_git__changes') }}
),

readings as (
    select * from {{ ref('int_git__readings') }}
),

counts as (
    select
        commit_sha,
        max_by(files, (files is not null, run_seq)) as files,
    from {{ ref('stg_git__lines') }}
    group by commit_sha
),

-- one row per file of a commit with at most one parent
lines as (
    select
        commit_sha,
        -- The members of each file become columns.
        unnest(files, max_depth := 2),  -- noqa: AL03
    from counts
),

final as (
    select
        changes.commit_sha,
        changes.parent_number,
        changes.path as file_path,
        changes.change_type,
        changes.old_path,
        changes.similarity,
        changes.mode_before,
        changes.mode_after,
        changes.blob_before,
        changes.blob_after,
        lines.added as lines_added,
        lines.removed as lines_removed,
    from changes
    inner join readings
        on readings.commit_sha = changes.commit_sha
        and readings.run_id = changes.run_id
        and readings.has_changes
    left join lines on lines.commit_sha = changes.commit_sha and lines.path = changes.path
)

select * from final
