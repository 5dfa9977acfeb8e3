{{ config(materialized='ephemeral') }}
with ignored as (
    select
        path,
        lower({{ last_part('path') }}) as name,
    from {{ ref('int_files__current') }}
    where
        is_ignored and not coalesce(is_tracked, false) and state = 'present'
        and not is_symlink and size_bytes > 0
        and file_kind not in ('vendored', 'generated')
),

names as (
    select * from {{ ref('precious_files') }}
),

-- one row per ignored file with a name of a kind that is of value
final as (
    select
        ignored.path,
        min_by(names.reason, names.pattern) as reason,
    from ignored
    inner join names on {{ matches_glob('ignored.name', 'names.pattern') }}
    group by ignored.path
    having not bool_or(names.is_exception)
)

select * from final
