with files as (
    select * from {{ ref('int_code__files') }}
),

code_files as (
    select file_id as resolved_file_id from files
),

linked as (
    select
        'CallGraph' as graph_type,
        project_id,
        file_id,
        'calls' as edge_type,
        coalesce(caller_symbol_id, {{ hash_id(["'CallGraph'", 'file_id']) }}) as from_node_id,
        symbol_id as to_node_id,
        source_run_id,
    from {{ ref('code_calls') }}
    where confidence_ratio >= {{ var('graph_min_confidence') }}

    union all

    select
        'ImportGraph' as graph_type,
        project_id,
        file_id,
        'imports' as edge_type,
        file_id as from_node_id,
        resolved_file_id as to_node_id,
        source_run_id,
    from {{ ref('code_imports') }}
    inner join code_files using (resolved_file_id)

    union all

    select
        'SemanticGraph' as graph_type,
        project_id,
        file_id,
        kind as edge_type,
        {{ hash_id(["'SemanticGraph'", 'symbol_id']) }} as from_node_id,
        {{ hash_id(["'SemanticGraph'", 'base_symbol_id']) }} as to_node_id,
        source_run_id,
    from {{ ref('int_code__base_types') }}
),

-- one row per pair of nodes and type of edge
pairs as (
    select
        graph_type,
        project_id,
        edge_type,
        from_node_id,
        to_node_id,
        count(*) as weight,
        min(file_id) as file_id,
        max(source_run_id) as source_run_id,
    from linked
    group by graph_type, project_id, edge_type, from_node_id, to_node_id
),

final as (
    select
        pairs.project_id as codebase_id,
        {{ hash_id(['pairs.edge_type', 'pairs.from_node_id', 'pairs.to_node_id']) }} as edge_id,
        pairs.from_node_id,
        pairs.to_node_id,
        pairs.edge_type,
        cast(pairs.weight as double) as weight,
        cast(null as varchar) as metadata,
        files.first_seen as created_at,
        pairs.graph_type,
        pairs.source_run_id,
    from pairs
    inner join files using (file_id)
)

select * from final
