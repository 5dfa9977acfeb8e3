-- Whether the relations of reports have their keys.
{{ keys_that_fail({
    'int_reports__states': ['report_path', 'sha256'],
    'int_reports__places': ['report_path', 'sha256', 'run_index', 'path_index'],
    'quality_runs': ['quality_run_id'],
    'quality_findings': ['finding_id'],
    'test_results': ['test_result_id'],
    'coverage_files': ['coverage_id'],
    'sbom_components': ['component_id'],
    'vulnerabilities': ['vulnerability_id'],
}) }}
