{{ newest_in_catalogs('catalog_file_signals', ['source_path_key', 'file_path_key']) }}
