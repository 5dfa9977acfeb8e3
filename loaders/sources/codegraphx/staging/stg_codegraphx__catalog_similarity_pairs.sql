{{ newest_in_catalogs(
    'catalog_similarity_pairs', ['source_path_key', 'pair_type', 'left_id', 'right_id']
) }}
