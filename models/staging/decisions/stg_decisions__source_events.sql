{{ landed('source_events') }}
