{{ current_rows('codegraphx_snapshot_entries') }}
