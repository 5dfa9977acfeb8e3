with reports as (
    select * from {{ ref('stg_codegraphx__reports') }}
),

entries as (
    select * from {{ ref('stg_codegraphx__snapshot_entries') }}
),

totals as (
    select
        artifact_path,
        count(*) as total,
        min(length(hash)) as hash_length,
    from entries
    group by artifact_path
),

-- a snapshot, in its folder; one without entries is one of nothing
snapshots as (
    select
        reports.artifact_path,
        {{ parent_path('reports.artifact_path') }} as folder,
        coalesce({{ json_text('reports.document', 'snapshot_id') }}, reports.artifact_path) as snapshot,
        {{ utc_time(json_text('reports.document', 'created_at')) }} as created_at,
        coalesce(totals.total, 0) as total,
        totals.hash_length,
        reports.run_seq,
        reports.run_id,
    from reports
    left join totals using (artifact_path)
    where reports.kind = 'snapshot'
),

consecutive as (
    select
        lag(artifact_path) over in_time as old_path,
        artifact_path as new_path,
    from snapshots
    window in_time as (partition by folder order by created_at, snapshot, artifact_path)
    qualify old_path is not null
),

-- what a report or a delta says of two snapshots, which lie in the `snapshots` beside it
reported as (
    select
        reports.artifact_path as report_path,
        old.artifact_path as old_path,
        new.artifact_path as new_path,
        {% for name in ['added', 'removed', 'changed', 'unchanged'] -%}
        try_cast({{ json_text(json_text('reports.document', 'counts'), name) }} as bigint) as reported_{{ name }},
        {% endfor %}
    from reports
    inner join snapshots as old
        on old.snapshot = {{ json_text('reports.document', 'old') }}
        and old.folder = rtrim({{ parent_path('reports.artifact_path') }}, '/') || '/snapshots'
    inner join snapshots as new
        on new.snapshot = {{ json_text('reports.document', 'new') }} and new.folder = old.folder
    where reports.kind in ('snapshot_report', 'delta')
    qualify row_number() over (
        partition by old.artifact_path, new.artifact_path order by reports.run_seq desc, reports.artifact_path
    ) = 1
),

pairs as (
    select old_path, new_path from consecutive

    union

    select old_path, new_path from reported
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
        on old_entries.artifact_path = pairs.old_path and old_entries.identity = new_entries.identity
    group by pairs.old_path, pairs.new_path
),

compared as (
    select
        old.snapshot as old_snapshot,
        new.snapshot as new_snapshot,
        old.created_at as old_created_at,
        new.created_at as new_created_at,
        new.total - coalesce(shared.shared, 0) as added,
        old.total - coalesce(shared.shared, 0) as removed,
        -- Hashes of two kinds differ whatever they are of.
        old.hash_length is not distinct from new.hash_length as is_comparable,
        case when is_comparable then coalesce(shared.shared - shared.unchanged, 0) end as changed,
        case when is_comparable then coalesce(shared.unchanged, 0) end as unchanged,
        old.total as old_total,
        new.total as new_total,
        reported.* exclude (old_path, new_path),
        pairs.old_path,
        pairs.new_path,
        case when old.run_seq > new.run_seq then old.run_id else new.run_id end as run_id,
    from pairs
    inner join snapshots as old on old.artifact_path = pairs.old_path
    inner join snapshots as new on new.artifact_path = pairs.new_path
    left join shared on shared.old_path = pairs.old_path and shared.new_path = pairs.new_path
    left join reported on reported.old_path = pairs.old_path and reported.new_path = pairs.new_path
),

final as (
    select
        old_path,
        new_path,
        old_snapshot,
        new_snapshot,
        old_created_at,
        new_created_at,
        is_comparable,
        added,
        removed,
        changed,
        unchanged,
        old_total,
        new_total,
        report_path,
        reported_added,
        reported_removed,
        reported_changed,
        reported_unchanged,
        case
            when report_path is not null and is_comparable then
                (added, removed, changed, unchanged)
                = (reported_added, reported_removed, reported_changed, reported_unchanged)
        end as agrees,
        run_id as source_run_id,
    from compared
)

select * from final
