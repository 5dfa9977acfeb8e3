{{ landed('crawl_path_rules') }}
