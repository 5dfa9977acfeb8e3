{{ newest_in_catalogs('catalog_project_signals', ['source_path_key']) }}
