{{ landed('report_runs') }}
