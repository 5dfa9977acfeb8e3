{% macro rule_models(on_waivers=false) -%}
    {#
        The models of all rules: add a line for a new one. The rules on waivers judge what the
        others found, so they are a list of their own.

        dbt must know these names while it parses, when it can read neither a seed nor a folder.
        Once it executes, a file that has no line here is an error; int_gaps__judged compares the
        list with seeds/gap_rules.csv.
    #}
    {%- set rules = [
        'gap_abandoned_project',
        'gap_complex_hotspot',
        'gap_dependency_drift',
        'gap_duplicate_mirror_content',
        'gap_failing_tests',
        'gap_file_missing_from_scan',
        'gap_high_change_no_tests',
        'gap_high_collector_density_no_docs',
        'gap_high_complexity_low_docs',
        'gap_high_size_low_test_coverage',
        'gap_history_rewritten',
        'gap_import_cycle',
        'gap_large_file_tracked',
        'gap_no_basics',
        'gap_orphaned_artifact_path',
        'gap_project_stale_scan',
        'gap_project_unindexed',
        'gap_secret_found',
        'gap_stale_quality_run',
        'gap_uncovered_hotspot',
        'gap_unsaved_work',
        'gap_version_conflict',
        'gap_vulnerable_dependency',
    ] -%}
    {%- set rules_on_waivers = [
        'gap_waiver_needs_review',
    ] -%}
    {%- for node in graph.get('nodes', {}).values() if execute and node.resource_type == 'model' -%}
        {%- if node.fqn[-2] == 'gaps' and node.name.startswith('gap_')
                and node.name != 'gap_findings' -%}
            {%- if node.name not in rules + rules_on_waivers -%}
                {{ exceptions.raise_compiler_error(
                    node.original_file_path ~ " is not in the list of rules: add the line '"
                    ~ node.name ~ "', to macros/rule_models.sql"
                ) }}
            {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(rules_on_waivers if on_waivers else rules) }}
{%- endmacro %}
