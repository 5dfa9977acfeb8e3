{{ config(materialized='ephemeral') }}
with files as (
    select * from {{ ref('int_code__test_stems') }}
),

-- test_parser_errors may be about parser_errors, or about parser
named as (
    select *, array_to_string(words[:place], '_') as name
    from (
        select *, unnest(generate_series(1, len(words))) as place from files
        where file_kind = 'test' and is_named_after
    ) as placed
),

met as (
    select file_id as test_file_id, resolved_file_id as file_id, reason
    from {{ ref('int_code__reached_files') }}

    union all

    select named.file_id as test_file_id, files.file_id, 'name' as reason
    from named
    inner join files
        on files.project_id = named.project_id
        and files.ext = named.ext
        and array_to_string(files.words, '_') = named.name
),

-- one row per source file and test file that calls it, imports it or is named after it
final as (
    select met.file_id, any_value(tests.file_path) as test_path, min(met.reason) as reason
    from met
    inner join files on files.file_id = met.file_id and files.file_kind = 'source'
    inner join files as tests on tests.file_id = met.test_file_id and tests.file_kind = 'test'
    group by met.file_id, met.test_file_id
)

select * from final
