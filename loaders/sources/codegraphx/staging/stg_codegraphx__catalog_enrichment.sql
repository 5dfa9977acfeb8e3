{{ newest_in_catalogs('catalog_enrichment', ['source_path_key']) }}
