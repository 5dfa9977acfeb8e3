{{ newest_in_catalogs('catalog_complexity_nodes', ['source_path_key', 'function_uid']) }}
