{{ landed('report_rules') }}
