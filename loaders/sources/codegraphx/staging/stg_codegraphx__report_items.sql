{{ current_rows('codegraphx_report_items') }}
