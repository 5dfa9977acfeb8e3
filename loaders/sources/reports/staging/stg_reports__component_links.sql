{{ landed('report_component_links') }}
