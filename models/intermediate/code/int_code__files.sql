with current_files as (
    select * from {{ ref('int_files__current') }}
    where is_own and not is_symlink and sha256 is not null
),

contents as (
    select * from {{ ref('stg_code__content_code') }}
),

-- A newer version of the extractor reads a content again, in a later run.
newest as (
    select
        sha256,
        max(run_seq) as run_seq,
    from contents
    group by sha256
),

readings as (
    select contents.*
    from contents
    inner join newest using (sha256, run_seq)
),

-- one row per own file whose code was read, with the measures of its content
final as (
    select
        current_files.file_id,
        current_files.project_id,
        current_files.project_path,
        current_files.file_path,
        current_files.path,
        current_files.directory_path,
        current_files.name,
        current_files.ext,
        current_files.file_kind,
        current_files.first_seen,
        readings.* exclude (run_id),
        readings.run_id as source_run_id,
    from current_files
    inner join readings using (sha256)
)

select * from final
