with detections as (
    select * from {{ ref('technology_detections') }}
),

-- Other patterns may find more in the same files: the digest shows that.
patterns as (
    select {{ rows_digest('technology_evidence') }} as digest
    from {{ ref('technology_evidence') }}
),

by_category as (
    select
        project_id,
        category,
        list(technology_name order by technology_name) as names,
    from detections
    group by project_id, category
),

features as (
    select
        project_id,
        {{ as_json_text("map_from_entries(list((category, names) order by category))") }}
            as features,
    from by_category
    group by project_id
),

-- one row per project with technologies
now_there as (
    select
        project_id,
        {{ as_json_text("list(
            technology_type || ':' || technology_name || coalesce('@' || version, '')
            order by technology_type, technology_name
        )") }} as detected_technologies,
        array_to_string(
            list(technology_name order by confidence_ratio desc, technology_name)
            filter (where technology_type in ('framework', 'language')),
            ', '
        ) as main_names,
        count(*) as technology_count,
        max(source_run_id) as subject_run_id,
    from detections
    group by project_id
),

before as (
    select
        project_id,
        max(snapshot_id) as snapshot_id,
        max_by(detected_technologies, snapshot_id) as detected_technologies,
        max_by(metadata, snapshot_id) as metadata,
    from {{ ref('stg_observe__technology_snapshots') }}
    group by project_id
),

-- One row per project in which something else is detected than in its last snapshot; publishing
-- lands them. A project that is gone keeps its last snapshot.
final as (
    select
        project_id,
        cast(coalesce(before.snapshot_id, 0) + 1 as bigint) as snapshot_id,
        concat_ws(
            ': ',
            {{ counted('now_there.technology_count', 'technology', 'technologies') }},
            nullif(now_there.main_names, '')
        ) as summary,
        now_there.detected_technologies,
        features.features,
        {{ json_object([
            ('cause', "case when " ~ json_text('before.metadata', 'patterns')
                ~ " <> patterns.digest then 'patterns_changed' else 'world' end"),
            ('patterns', 'patterns.digest'),
        ]) }} as metadata,
        as_of.as_of as observed_at,
        now_there.subject_run_id,
    from now_there
    inner join features using (project_id)
    left join before using (project_id)
    cross join patterns
    cross join {{ ref('as_of') }} as as_of
    where now_there.detected_technologies is distinct from before.detected_technologies
)

select * from final
