{{ landed('content_bases') }}
