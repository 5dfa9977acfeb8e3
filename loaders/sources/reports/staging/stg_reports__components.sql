{{ landed('report_components') }}
