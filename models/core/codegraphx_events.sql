-- Reading ten million rows three times is faster than storing them once.
with events as not materialized (
    {{ current_rows('codegraphx_events') | indent(4) }}
),

-- one row per identity in an artifact: writers repeat about half of the events, and the first
-- counts
firsts as (
    select
        artifact_number,
        {{ hash_number(['kind', 'label', 'uid', 'src_label', 'src_uid', 'dst_label', 'dst_uid']) }}
            as identity,
        min(position) as position,
        count(*) as occurrences,
    from events
    group by artifact_number, identity
),

-- the file of an event, by its uid in the artifact; the uid of a function ends in `:<name>:<line>`
placed as (
    select
        events.*,
        firsts.occurrences,
        case
            when events.label = 'File' then events.uid
            when events.label = 'Function' then events.file_uid
            when events.dst_label = 'File' then events.dst_uid
            when events.src_label = 'File' then events.src_uid
            when events.src_label = 'Function'
                then regexp_extract(events.src_uid, '^(.*):[^:]*:[^:]*$', 1)
        end as about_file_uid,
    from events
    inner join firsts
        on firsts.artifact_number = events.artifact_number and firsts.position = events.position
),

-- A label does not identify the project (a renamed one keeps its old label in caches); the path
-- does.
files as (
    select
        events.artifact_number,
        events.uid as file_uid,
        min(places.project_id) as project_id,
    from events
    inner join {{ ref('int_codegraphx__places') }} as places
        on places.path = {{ parent_path('events.path_key') }}
    where events.kind = 'node' and events.label = 'File'
    group by events.artifact_number, events.uid
),

final as (
    select
        placed.artifact_path,
        placed.position,
        placed.kind,
        placed.label,
        placed.uid,
        placed.src_label,
        placed.src_uid,
        placed.dst_label,
        placed.dst_uid,
        placed.name,
        placed.project,
        placed.path,
        placed.path_key,
        placed.rel_path,
        placed.language,
        placed.line_count,
        placed.line,
        placed.file_uid,
        placed.signature_hash,
        placed.occurrences,
        files.project_id,
        placed.run_id as source_run_id,
    from placed
    left join files
        on files.artifact_number = placed.artifact_number and files.file_uid = placed.about_file_uid
)

select * from final
