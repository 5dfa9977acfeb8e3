{{ current_rows('codegraphx_scan_rows') }}
