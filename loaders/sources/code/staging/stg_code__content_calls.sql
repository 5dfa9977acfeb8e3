{{ landed('content_calls') }}
