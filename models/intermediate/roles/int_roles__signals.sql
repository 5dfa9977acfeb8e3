{{ config(materialized='ephemeral') }}
with decisions as (
    select * from {{ ref('int_roles__decisions') }}
),

contents as (
    select
        sha256,
        unnest(signals) as met,
    from {{ ref('int_roles__contents') }}
),

-- one row per source file and place in its path that signals are read from
places as (
    select file_id, 'name' as place, name as text from decisions

    union all

    select file_id, 'folder' as place, folder as text from decisions

    union all

    select file_id, 'kind' as place, file_kind as text from decisions
),

by_content as (
    select
        decisions.file_id,
        'content' as part,
        contents.met.signal as signal,
        contents.met.count as signal_count,
        contents.met.line as first_line,
        ln(1 + contents.met.count) as strength,
    from decisions
    inner join contents using (sha256)
),

by_path as (
    select
        places.file_id,
        'path' as part,
        signals.signal,
        cast(1 as bigint) as signal_count,
        cast(null as bigint) as first_line,
        cast(1 as double) as strength,
    from places
    inner join {{ ref('int_roles__path_signals') }} as signals using (place, text)
),

every_signal as (
    select * from by_content

    union all by name

    select * from by_path
),

-- one row per source file and signal that was found in its content or its path
final as (
    select
        every_signal.*,
        decisions.project_id,
        decisions.project_path,
        decisions.file_path,
        decisions.run_id,
    from every_signal
    inner join decisions using (file_id)
)

select * from final
