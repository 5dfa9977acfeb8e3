{{ current_rows('codegraphx_events') }}
