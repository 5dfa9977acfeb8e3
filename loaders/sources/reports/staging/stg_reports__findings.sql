{{ landed('report_findings') }}
