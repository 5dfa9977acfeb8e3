{{ config(materialized='ephemeral') }}
with contents as (
    select
        contents.*,
        readings.* exclude (state, project_path),
        rules.is_filtered
        or readings.object_format <> 'sha1'
        -- The attributes in its git directory are among the rules, unless these were not read.
        or (readings.has_own_attributes and not coalesce(places.is_read, false)) as is_filtered,
    from {{ ref('int_unsaved__contents') }} as contents
    inner join {{ ref('int_unsaved__readings') }} as readings
        on readings.project_path = contents.repository_path
    left join {{ ref('int_files__path_rules') }} as rules
        on rules.kind = 'file' and rules.path = contents.path
    left join {{ ref('int_files__path_rules') }} as places
        on places.kind = 'top' and places.path = contents.repository_path
),

-- folders that were not entered, or could not be listed: all their files may exist
unlisted as (
    select path from {{ ref('int_structure__directory_states') }}
    where state in ('excluded', 'unreadable')
),

hidden as (
    select distinct missing.path
    from (
        select path, unnest({{ ancestors('path') }}) as above_path
        from contents
        where state is null and head_object_id is not null
    ) as missing
    inner join unlisted on unlisted.path = missing.above_path
),

skipped as (
    select path from {{ ref('int_files__states') }}
    where state = 'skipped'
),

modules as (
    select path, head_commit from {{ ref('int_structure__repositories') }}
    where not is_gone and head_commit is not null
),

precious as (
    select * from {{ ref('int_unsaved__precious') }}
),

-- one row per path, with the kind of what may be lost; NULL if it is nothing
final as (
    select
        contents.*,
        case
            when is_submodule and modules.head_commit <> head_object_id then 'submodule'
            when is_submodule then null
            when coalesce(is_hidden, false) then null
            when change = 'U' then 'conflict'
            when head_object_id is null and (change is not null or is_intended) then 'added'
            when head_object_id is null and is_ignored and precious.path is not null then 'precious'
            when head_object_id is null and is_ignored then null
            when head_object_id is null and is_ignored is null then 'unknown'
            when head_object_id is null then 'untracked'
            when
                change in ('A', 'M', 'T')
                and staged_blob_id not in (coalesce(blob_id, ''), coalesce(text_blob_id, ''))
                then 'staged'
            when
                state is null
                and (is_sparse or hidden.path is not null or skipped.path is not null)
                then null
            when state is null then 'deleted'
            when state = 'unreadable' then 'unknown'
            when is_same then null
            when kind = 'symlink' and blob_id is null then null
            when
                change is null
                and entry_size_bytes = size_bytes % 4294967296
                and make_timestamp_ns(entry_mtime_ns)::timestamp = mtime
                and entry_mtime_ns < index_at_ns
                then null
            when is_filtered or blob_id is null then 'unknown'
            else 'modified'
        end as unsaved_kind,
        case
            when state = 'unreadable' then 'it cannot be read'
            when is_ignored is null and head_object_id is null then 'ignore rules are unknown'
            when blob_id is null then 'its content was not hashed'
            when is_filtered then 'a filter changes its content'
        end as unknown_reason,
        precious.reason as precious_reason,
    from contents
    left join hidden using (path)
    left join skipped using (path)
    left join modules using (path)
    left join precious using (path)
)

select * from final
where unsaved_kind is not null
