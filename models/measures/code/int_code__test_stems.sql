{{ config(materialized='ephemeral') }}
-- one row per own source or test file, with the words of its name that a test is named after
select
    file_id,
    project_id,
    file_path,
    file_kind,
    ext,
    regexp_replace(name, '\.[^.]*$', '') as stem,
    -- without the word that makes it the name of a test
    regexp_replace(
        regexp_replace(stem, '^[Tt]ests?[_-]|^Test([A-Z])', '\1'),
        '[_.-]([Tt]ests?|[Ss]pecs?)$|([a-z0-9])(Tests?|Spec)$', '\2'
    ) as tested_stem,
    tested_stem <> stem as is_named_after,
    string_split(regexp_replace(lower(tested_stem), '[-.]', '_', 'g'), '_') as words,
    -- An index passes on what other files define.
    stem in ('__init__', 'index', 'mod', 'lib') as is_index,
from {{ ref('int_files__current') }}
where is_own and file_kind in ('source', 'test')
