{{ landed('report_tests') }}
