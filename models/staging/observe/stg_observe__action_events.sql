{{ landed('action_events') }}
