{{ landed('report_paths') }}
