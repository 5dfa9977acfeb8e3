{{ landed('crawl_commits') }}
