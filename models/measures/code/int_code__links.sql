{{ config(materialized='ephemeral') }}
with imports as (
    select
        *,
        repeat('.', level) || module as written,
        case when resolved_project_id <> project_id then resolved_project_path || '/' else '' end
        || resolved_file_path as resolved_path,
    from {{ ref('code_imports') }}
),

files as (
    select file_id from {{ ref('int_code__files') }}
    where parse_state in ('tree', 'partial')
),

nodes as (
    select * from {{ ref('graph_nodes') }}
    where graph_type = 'ImportGraph'
),

importing as (
    select
        file_id,
        list(distinct written order by written) as imports,
        list(distinct resolved_path order by resolved_path) filter (
            where resolved_file_id <> file_id
        ) as dependencies,
    from imports
    group by file_id
),

dependents as (
    select resolved_file_id as file_id, count(distinct file_id) as dependent_count
    from imports
    where resolved_file_id <> file_id
    group by resolved_file_id
),

-- one row per file that was parsed: what it imports, what imports it, and its place in the graph
final as (
    select
        files.file_id,
        coalesce(len(importing.dependencies), 0) as dependency_count,
        coalesce(dependents.dependent_count, 0) as dependent_count,
        coalesce(importing.dependencies, []) as dependencies,
        coalesce(importing.imports, []) as imports,
        nodes.pagerank_score,
        nodes.centrality_score,
    from files
    left join importing using (file_id)
    left join dependents using (file_id)
    left join nodes using (file_id)
)

select * from final
