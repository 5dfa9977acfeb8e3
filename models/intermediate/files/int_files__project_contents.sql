{{ config(materialized='ephemeral') }}
with files as (
    select
        *,
        not contains(file_path, '/') as is_at_top,
    from {{ ref('int_files__current') }}
),

contents as (
    select * from {{ ref('int_roles__contents') }}
),

-- one row per project with files: facts from their contents
final as (
    select
        files.project_id,
        coalesce(
            sum(least(contents.inline_test_lines, files.source_line_count)) filter (
                where files.is_own
                and files.file_kind = 'source'
                -- `least` ignores NULL.
                and contents.inline_test_lines is not null
            ),
            0
        ) as inline_test_lines,
        -- Their language keeps tests in source files, and they were not counted yet.
        coalesce(
            sum(files.source_line_count) filter (
                where files.is_own and files.file_kind = 'source' and files.has_inline_tests
                and contents.inline_test_lines is null
            ),
            0
        ) as uncounted_lines,
        min(contents.lifecycle) filter (where files.is_at_top and files.is_own) as lifecycle,
        coalesce(
            bool_or(
                len(list_filter(contents.signals, lambda one: one['signal'] = 'licence: text')) > 0
            ) filter (where files.is_at_top and files.is_own and contents.lifecycle is not null),
            false
        ) as has_license_text,
    from files
    left join contents using (sha256)
    group by files.project_id
)

select * from final
