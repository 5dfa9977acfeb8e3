{{ config(materialized='ephemeral') }}
with candidates as (
    select * from {{ ref('int_code__python_candidates') }}

    union all by name

    select * from {{ ref('int_code__javascript_candidates') }}

    union all by name

    select * from {{ ref('int_code__rust_candidates') }}

    union all by name

    select * from {{ ref('int_code__name_candidates') }}

    union all by name

    select * from {{ ref('int_code__path_candidates') }}
),

importables as (
    select space, key, file_id as resolved_file_id, rank, null as root, false as is_test
    from {{ ref('int_code__importable_paths') }}

    union all

    select space, key, file_id as resolved_file_id, 0 as rank, root, is_test
    from {{ ref('int_code__importable_names') }}
),

files as (
    select * from {{ ref('int_code__importable_files') }}
),

imports as (
    select * from {{ ref('int_code__imports') }}
),

found as (
    select
        candidates.file_id,
        candidates.import_index,
        candidates.step,
        candidates.part,
        candidates.via,
        candidates.space,
        importables.resolved_file_id,
        importables.rank,
        importables.is_test,
        importables.root,
        importables.root is not null
        and {{ is_beneath('imports.base', 'importables.root') }} as is_around,
        files.path,
        files.file_path as resolved_file_path,
        files.project_id as resolved_project_id,
        files.project_path as resolved_project_path,
        files.project_id = imports.project_id as is_same_project,
        files.is_own,
        files.language = imports.language as is_same_language,
        imports.project_id,
    from candidates
    inner join importables using (space, key)
    inner join imports using (file_id, import_index)
    inner join files on files.file_id = importables.resolved_file_id
    where
        (not imports.is_standard or candidates.via in ('relative', 'beside') or is_around)
        -- A module that wraps another one of the same name does not import itself.
        and (candidates.via not in ('beside', 'around') or candidates.file_id <> resolved_file_id)
),

-- one row per import that leads to a file: the best of the files that it may mean
final as (
    select
        *,
        -- Several roots have it, and none of them is around the importing file.
        min(root) over alike <> max(root) over alike and not is_around as is_ambiguous,
    from found
    window alike as (partition by file_id, import_index, step, part, is_around)
    qualify row_number() over (
        partition by file_id, import_index
        order by
            step,
            is_same_project desc,
            is_around desc,
            case when is_around then length(root) end desc,
            part,
            file_id = resolved_file_id,
            is_own desc,
            rank // 10,
            is_same_language desc,
            rank,
            is_test,
            length(path),
            path
    ) = 1
)

select * from final
