{% macro core_tables() -%}
    {# The core tables that the user's own rules may read: they are made before any rule judges. #}
    {{ return([
        'code_calls', 'code_imports', 'code_symbols', 'codebase_metadata', 'codebase_registry',
        'commits', 'coverage_files', 'file_roles', 'file_versions', 'files', 'git_agent_sessions',
        'git_authors', 'git_commits', 'git_merge_history', 'git_pending_merges', 'git_refs',
        'git_repositories', 'graph_edges', 'graph_nodes', 'graph_types', 'ingest_runs', 'packages',
        'project_aliases', 'project_dependants', 'project_dependencies', 'projects',
        'quality_findings', 'quality_runs', 'sbom_components', 'test_results', 'vulnerabilities',
    ]) }}
{%- endmacro %}
