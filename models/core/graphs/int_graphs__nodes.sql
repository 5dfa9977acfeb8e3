with files as (
    select * from {{ ref('int_code__files') }}
),

symbols as (
    select
        symbols.*,
        files.first_seen,
    from {{ ref('code_symbols') }} as symbols
    inner join files using (file_id)
),

-- not only types: a module may be mixed in, or mix in another
inheriting as (
    select symbol_id from {{ ref('int_code__base_types') }}
    union
    select base_symbol_id as symbol_id from {{ ref('int_code__base_types') }}
),

calling_files as (
    select distinct
        {{ hash_id(["'CallGraph'", 'file_id']) }} as node_id,
        file_id,
    from {{ ref('code_calls') }}
    where caller_symbol_id is null and confidence_ratio >= {{ var('graph_min_confidence') }}
),

symbol_nodes as (
    select
        'CallGraph' as graph_type,
        symbol_id as node_id,
        *,
    from symbols

    union all

    select
        'SemanticGraph' as graph_type,
        {{ hash_id(["'SemanticGraph'", 'symbols.symbol_id']) }} as node_id,
        symbols.*,
    from symbols
    left join inheriting on inheriting.symbol_id = symbols.symbol_id
    where
        symbols.kind in ('class', 'struct', 'interface', 'trait', 'enum', 'type')
        or inheriting.symbol_id is not null
),

file_nodes as (
    select
        'ImportGraph' as graph_type,
        file_id as node_id,
        *,
    from files

    union all

    select
        'CallGraph' as graph_type,
        calling_files.node_id,
        files.*,
    from calling_files
    inner join files using (file_id)
),

-- one row per node of a graph; what two graphs have is a node of each
final as (
    select
        graph_type,
        node_id,
        project_id,
        file_id,
        symbol_id,
        file_path,
        language,
        qualified_name as name,
        kind as node_type,
        start_line as line_number,
        first_seen,
        source_run_id,
    from symbol_nodes

    union all

    select
        graph_type,
        node_id,
        project_id,
        file_id,
        null as symbol_id,
        file_path,
        language,
        name,
        'file' as node_type,
        null as line_number,
        first_seen,
        source_run_id,
    from file_nodes
)

select * from final
