{{ landed('report_advisories') }}
