{{ landed('crawl_directories') }}
