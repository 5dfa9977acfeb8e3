with symbols as (
    select * from {{ ref('code_symbols') }}
),

nodes as (
    select * from {{ ref('graph_nodes') }}
    where graph_type = 'CallGraph'
),

final as (
    select
        symbols.symbol_id,
        symbols.name,
        symbols.qualified_name,
        symbols.kind,
        symbols.project_id,
        projects.project_path,
        projects.project_name,
        symbols.file_id,
        symbols.file_path,
        symbols.language,
        symbols.start_line,
        symbols.end_line,
        symbols.is_exported,
        symbols.has_docs,
        nodes.in_degree as caller_count,
        nodes.workspace_pagerank_score,
        lower(symbols.name) as name_key,
        symbols.source_run_id,
    from symbols
    inner join {{ ref('projects') }} as projects using (project_id)
    inner join nodes using (symbol_id)
)

select * from final
