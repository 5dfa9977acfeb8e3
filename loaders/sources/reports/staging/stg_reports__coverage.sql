{{ landed('report_coverage') }}
