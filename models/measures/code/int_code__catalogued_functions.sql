{{ config(materialized='ephemeral') }}
with files as (
    select file_id, path, file_kind = 'source' and is_own as is_judged
    from {{ ref('int_files__current') }}
),

parsed as (
    select file_id from {{ ref('int_code__files') }}
    where parse_state in ('tree', 'partial')
),

-- one row per function that CodeGraphX measured in an own source file that was not parsed here
final as (
    select
        nodes.project_id,
        nodes.file_path_key as path,
        substr(nodes.file_path_key, length(rtrim(projects.project_path, '/')) + 2) as file_path,
        nodes.function_name,
        nodes.start_line,
        nodes.cyclomatic,
        nodes.updated_at as measured_at,
        nodes.run_id,
        nodes.run_seq,
    from {{ ref('int_codegraphx__complexity_nodes') }} as nodes
    inner join {{ ref('int_structure__projects') }} as projects using (project_id)
    left join files on files.path = nodes.file_path_key
    left join parsed on parsed.file_id = files.file_id
    where nodes.is_innermost and coalesce(files.is_judged, true) and parsed.file_id is null
)

select * from final
