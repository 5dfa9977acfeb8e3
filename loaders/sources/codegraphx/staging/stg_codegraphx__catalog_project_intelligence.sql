{{ newest_in_catalogs('catalog_project_intelligence', ['source_path_key']) }}
