{{ config(materialized='ephemeral') }}
-- one row per module of Python and folder that it is imported from: its dotted name
select
    files.file_id,
    files.project_id,
    files.is_test,
    roots.root,
    replace(
        regexp_replace(substr(files.path_stem, length(roots.root) + 2), '/__init__$', ''), '/', '.'
    ) as dotted,
from {{ ref('int_code__importable_files') }} as files
inner join {{ ref('int_code__python_roots') }} as roots using (directory_path)
where files.family = 'python'
