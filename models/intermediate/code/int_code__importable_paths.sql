{{ config(materialized='ephemeral') }}
with files as (
    select * from {{ ref('int_code__importable_files') }}
),

-- A path without its ending. A file with one of these names stands for its folder also.
stems as (
    select
        family,
        path,
        file_id,
        ext,
        stem,
        stem in ('__init__', 'index', 'mod') or (family = 'rust' and stem in ('lib', 'main'))
            as is_folder,
        case when is_folder then [directory_path, path_stem] else [path_stem] end as keys,
    from files
    where family in ('python', 'javascript', 'rust', 'ruby', 'shell')
),

-- one row per file and path under which an import finds it; the lower rank of two is found
final as (
    select
        'file' as space,
        path as key,
        file_id,
        0 as rank,
    from files

    union all

    select
        family as space,
        unnest(keys) as key,
        file_id,
        -- A package is found before a module, and a file before a folder.
        coalesce(list_position(
            [
                'py', 'pyx', 'pyi', 'ts', 'tsx', 'mts', 'cts', 'js', 'jsx', 'mjs', 'cjs', 'vue',
                'svelte'
            ],
            ext
        ), 19)
        + case when is_folder and family = 'javascript' then 40 else 0 end
        + case when is_folder or family <> 'python' then 0 else 20 end
        + case when ends_with(path, '.d.ts') then 20 else 0 end
        -- A library is found before a program.
        + case when stem = 'main' then 1 else 0 end as rank,
    from stems
)

select * from final
