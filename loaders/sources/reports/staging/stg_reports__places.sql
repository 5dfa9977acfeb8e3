{{ landed('report_places') }}
