with placed as (
    select * from {{ ref('int_files__placed') }}
),

tracked_files as (
    select distinct path from {{ ref('int_structure__tracked_files') }}
),

kinds as (
    select * from {{ ref('int_files__own_kinds') }}
),

-- one row per file on disk
final as (
    select
        {{ hash_id([
            host_label(),
            "placed.path_at_first || case when placed.native_number = 1 then '' "
            ~ "else chr(31) || placed.native_number end",
        ]) }} as file_id,
        -- all that landed about the file, less what only its kind and its place depend on
        placed.* exclude (
            kind, tags, code_language, code_lines, code_bytes, blob_id, text_blob_id, path_bytes,
            path_at_first, first_path, native_number, vcs, repository_state, has_tracked_files,
            has_path_rules, unreadable_since_seq, first_seen
        ),
        nullif(lower(regexp_extract(placed.name, '^.+\.([^.]+)$', 1)), '') as ext,
        kinds.language,
        kinds.is_code,
        kinds.has_inline_tests,
        -- Tests cover programs: not the cells of notebooks, and not settings, which are hidden.
        kinds.needs_tests
        and not coalesce(ext = 'ipynb', false)
        and not contains('/' || placed.file_path, '/.') as needs_tests,
        kinds.has_notice,
        kinds.file_kind,
        coalesce(kinds.could_be_page, false) as could_be_page,
        kinds.source_line_count,
        kinds.source_size_bytes,
        placed.kind = 'symlink' as is_symlink,
        case
            when placed.has_tracked_files then tracked_files.path is not null
            when placed.vcs = 'none' or placed.repository_state = 'empty' then false
        end as is_tracked,
        case
            when is_tracked then false
            when kinds.is_named_ignored then true
            when placed.has_path_rules then false
        end as is_ignored,
        not coalesce(is_ignored, false) and kinds.file_kind not in ('vendored', 'generated')
            as is_own,
        kinds.is_doc_build,
        {{ bytes_of_end('placed.path_bytes', 'placed.file_path') }} as path_bytes,
        coalesce(seen_before.first_seen, placed.first_seen) as first_seen,
        -- Any other file was seen when its project was crawled last: most crawls find nothing new,
        -- and what reads this model is not to change with them.
        case when placed.unreadable_since_seq is not null then placed.first_seen end as seen_until,
    from placed
    left join kinds using (path)
    left join {{ ref('int_files__earlier_places') }} as seen_before using (path)
    left join tracked_files using (path)
)

select * from final
