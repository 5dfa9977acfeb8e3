{{ landed('waiver_events') }}
