{{ config(materialized='ephemeral') }}
-- A test that the code defines and no report ran, if a report has others of its file or folder.
with results as (
    select
        test_results.file_id,
        test_results.project_id,
        test_results.file_path,
        regexp_replace(test_results.test_name, '[\[( /:].*$', '') as name,
    from {{ ref('test_results') }} as test_results
    inner join {{ ref('quality_runs') }} as runs using (quality_run_id)
    where runs.is_newest and test_results.file_id is not null
),

folders as (
    select distinct project_id, {{ parent_path("'/' || file_path") }} as folder
    from results
),

defined as (
    select symbols.*
    from {{ ref('code_symbols') }} as symbols
    inner join {{ ref('int_files__current') }} as files using (file_id)
    inner join folders
        on folders.project_id = symbols.project_id
        and folders.folder = {{ parent_path("'/' || symbols.file_path") }}
    where
        files.file_kind = 'test'
        and symbols.kind in ('function', 'method')
        and regexp_matches(symbols.name, '^[Tt]est')
        -- A function inside of another one is a helper of it.
        and regexp_matches(coalesce(symbols.parent_name, 'T'), '(^|\.)_*[A-Z]\w*$')
),

final as (
    select defined.*
    from defined
    anti join results using (file_id, name)
)

select * from final
