{{ landed('report_contents') }}
