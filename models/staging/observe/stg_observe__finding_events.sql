{{ landed('finding_events') }}
