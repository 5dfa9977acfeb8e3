-- Whether the relations of code have their keys.
{{ keys_that_fail({
    'code_imports': ['file_id', 'import_index'],
    'code_symbols': ['symbol_id'],
    'code_calls': ['file_id', 'call_index'],
    'graph_nodes': ['node_id'],
    'graph_edges': ['edge_id'],
    'graph_types': ['graph_type'],
    'codebase_metadata': ['codebase_id', 'path'],
    'codebase_registry': ['codebase_id'],
}) }}
