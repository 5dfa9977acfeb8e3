with pairs as (
    select * from {{ ref('int_codegraphx__compared_snapshots') }}
),

snapshots as (
    select * from {{ ref('int_codegraphx__snapshots') }}
),

entries as (
    select * from {{ ref('stg_codegraphx__snapshot_entries') }}
),

shared as (
    select
        pairs.old_path,
        pairs.new_path,
        count(*) as shared,
        count(*) filter (where new_entries.hash = old_entries.hash) as unchanged,
    from pairs
    inner join entries as new_entries on new_entries.artifact_path = pairs.new_path
    inner join entries as old_entries
        on old_entries.artifact_path = pairs.old_path
        and old_entries.identity = new_entries.identity
    group by pairs.old_path, pairs.new_path
),

final as (
    select
        pairs.old_path,
        pairs.new_path,
        old.snapshot as old_snapshot,
        new.snapshot as new_snapshot,
        old.created_at as old_created_at,
        new.created_at as new_created_at,
        -- Hashes of two kinds cannot be compared.
        (old.hash_length is not distinct from new.hash_length) as is_comparable,
        new.total - coalesce(shared.shared, 0) as added,
        old.total - coalesce(shared.shared, 0) as removed,
        case when is_comparable then coalesce(shared.shared - shared.unchanged, 0) end as changed,
        case when is_comparable then coalesce(shared.unchanged, 0) end as unchanged,
        old.total as old_total,
        new.total as new_total,
        pairs.report_path,
        pairs.reported_added,
        pairs.reported_removed,
        pairs.reported_changed,
        pairs.reported_unchanged,
        case
            when pairs.report_path is not null and is_comparable then
                (added, removed, changed, unchanged)
                = (reported_added, reported_removed, reported_changed, reported_unchanged)
        end as agrees,
        case when old.run_seq > new.run_seq then old.run_id else new.run_id end as source_run_id,
    from pairs
    inner join snapshots as old on old.artifact_path = pairs.old_path
    inner join snapshots as new on new.artifact_path = pairs.new_path
    left join shared on shared.old_path = pairs.old_path and shared.new_path = pairs.new_path
)

select * from final
