{{ config(materialized='ephemeral') }}
-- Only needed for projects in a catalogue.
with events as (
    select * from {{ ref('codegraphx_events') }}
    where project_id in (
        select places.project_id
        from {{ ref('stg_codegraphx__catalog_enrichment') }} as enrichment
        inner join {{ ref('int_codegraphx__places') }} as places
            on places.path = enrichment.source_path_key
    )
),

artifacts as (
    select artifact_path, produced_at from {{ ref('codegraphx_artifacts') }}
),

counted as (
    select
        artifact_path,
        project_id,
        count(distinct src_uid) filter (where src_label = 'Project') as project_nodes,
        count(*) filter (where kind = 'node' and label = 'File') as file_nodes,
        count(*) filter (where kind = 'node' and label = 'Function') as function_nodes,
        count(distinct dst_uid) filter (where dst_label = 'Symbol') as symbol_nodes,
        count(distinct dst_uid) filter (where dst_label = 'Module') as module_nodes,
        count(*) filter (where kind = 'edge') as edge_count,
        {% for type in ['contains', 'defines', 'calls', 'imports', 'calls_function'] -%}
        count(*) filter (where kind = 'edge' and label = '{{ type | upper }}') as {{ type }}_edges,
        {% endfor %}
    from events
    group by artifact_path, project_id
),

asts as (
    select
        ast_rows.artifact_path,
        places.project_id,
        count(*) as parse_record_count,
    from {{ ref('stg_codegraphx__ast_rows') }} as ast_rows
    inner join {{ ref('int_codegraphx__places') }} as places
        on places.path = {{ parent_path('ast_rows.path_key') }}
    group by ast_rows.artifact_path, places.project_id
),

newest_asts as (
    select
        asts.project_id,
        max_by(asts.parse_record_count, (artifacts.produced_at, asts.artifact_path))
            as parse_record_count,
    from asts
    inner join artifacts using (artifact_path)
    group by asts.project_id
),

-- one row per enriched project with landed events: the counts of the newest events
final as (
    select
        counted.*,
        project_nodes + file_nodes + function_nodes + symbol_nodes + module_nodes as node_count,
        node_count + edge_count as event_count,
        newest_asts.parse_record_count,
    from counted
    inner join artifacts using (artifact_path)
    left join newest_asts using (project_id)
    qualify row_number() over (
        partition by counted.project_id
        order by artifacts.produced_at desc, counted.artifact_path desc
    ) = 1
)

select * from final
