{{ landed('run_events') }}
