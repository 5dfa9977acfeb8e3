{{ landed('crawl_tracked_files') }}
