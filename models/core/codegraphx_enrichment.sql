{% set counters = [
    'parse_record_count', 'event_count', 'node_count', 'edge_count',
    'project_nodes', 'file_nodes', 'function_nodes', 'symbol_nodes', 'module_nodes',
    'contains_edges', 'defines_edges', 'calls_edges', 'imports_edges', 'calls_function_edges',
] %}
with enrichment as (
    select * from {{ ref('stg_codegraphx__catalog_enrichment') }}
),

places as (
    select * from {{ ref('int_codegraphx__places') }}
),

graph_counts as (
    select * from {{ ref('int_codegraphx__graph_counts') }}
),

-- CodeGraphX writes 0 if it did not count; landed events of the project fill these counts.
final as (
    select
        enrichment.id,
        enrichment.source_path,
        enrichment.source_project,
        enrichment.scan_file_count,
        {% for counter in counters -%}
        coalesce(nullif(enrichment.{{ counter }}, 0), graph_counts.{{ counter }}) as {{ counter }},
        {% endfor -%}
        enrichment.scan_artifact,
        enrichment.ast_artifact,
        enrichment.events_artifact,
        enrichment.settings_path,
        enrichment.config_path,
        enrichment.created_at,
        enrichment.updated_at,
        enrichment.pipeline7_summary_artifact,
        enrichment.phase7_repo_fingerprint,
        enrichment.phase7_performance_json,
        enrichment.source_path_key,
        places.project_id,
        graph_counts.artifact_path as counted_in,
        enrichment.artifact_path as catalog_path,
        enrichment.run_id as source_run_id,
    from enrichment
    left join places on places.path = enrichment.source_path_key
    left join graph_counts
        on graph_counts.project_id = places.project_id
        and places.project_path = enrichment.source_path_key
)

select * from final
