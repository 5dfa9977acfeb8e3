{{ landed('crawl_roots') }}
