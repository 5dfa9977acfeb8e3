{{ landed('content_imports') }}
