{{ current_rows('codegraphx_reports') }}
