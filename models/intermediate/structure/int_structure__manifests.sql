with files as (
    select * from {{ ref('int_files__states') }}
),

manifest_files as (
    select * from {{ ref('manifest_files') }}
),

-- one row per directory with a manifest of a known ecosystem, now or earlier
final as (
    select
        files.directory_path as path,
        bool_or(files.state in ('present', 'unreadable')) as is_there,
        min(files.first_seen) as first_seen,
    from files
    inner join manifest_files on manifest_files.file_name = files.name
    group by files.directory_path
)

select * from final
