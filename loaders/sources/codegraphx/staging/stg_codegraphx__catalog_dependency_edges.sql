{{ newest_in_catalogs(
    'catalog_dependency_edges', ['source_path_key', 'file_path_key', 'import_name']
) }}
