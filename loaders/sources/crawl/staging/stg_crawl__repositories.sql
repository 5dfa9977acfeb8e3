{{ landed('crawl_repositories') }}
