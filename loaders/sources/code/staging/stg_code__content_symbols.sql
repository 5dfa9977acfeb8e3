{{ landed('content_symbols') }}
