{{ config(materialized='ephemeral') }}
-- one row per file on disk that an import may lead to; own files are preferred
select
    file_id,
    project_id,
    project_path,
    file_path,
    path,
    directory_path,
    ext,
    sha256,
    language,
    {{ code_family('language') }} as family,
    regexp_replace(name, '(\.d)?\.[^.]*$', '') as stem,
    rtrim(directory_path, '/') || '/' || stem as path_stem,
    file_kind = 'test' as is_test,
    is_own,
from {{ ref('int_files__current') }}
where not is_symlink
