{{ config(materialized='ephemeral') }}
with languages as (
    select distinct language from {{ ref('file_languages') }}
    where file_kind = 'source'
),

files as (
    select * from {{ ref('int_files__current') }}
    inner join languages using (language)
    where is_own and file_kind in ('source', 'test') and size_bytes > 0
),

readings as (
    select * from {{ ref('int_code__files') }}
),

-- one row per project with code: how many of its files were read, and when last
final as (
    select
        files.project_id,
        count(*) as source_files,
        count(*) filter (
            where readings.parse_state in ('tree', 'partial', 'lines')
        ) as analysed_files,
        count(*) filter (where readings.parse_state in ('tree', 'lines')) as whole_files,
        max(readings.landed_at) as last_analyzed,
        max_by(readings.source_run_id, readings.run_seq) as run_id,
    from files
    left join readings using (file_id)
    group by files.project_id
)

select * from final
