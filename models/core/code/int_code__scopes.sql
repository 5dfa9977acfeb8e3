-- One row per own file with code, and the space of names that it shares with others without an
-- import: a package, or all files of a language whose names are global.
select
    file_id,
    case
        when language = 'Go' then directory_path || ' ' || package
        when package is not null then project_id || ' ' || language || ' ' || package
        when language in ('C', 'C++', 'Ruby', 'Shell')
            then project_id || ' ' || replace(language, '++', '')
    end as shared_scope,
    language in ('C', 'C++', 'Ruby', 'Shell') as is_global,
from {{ ref('int_code__files') }}
