-- one row per folder in the data of CodeGraphX: the folder of a file, a scope, or a project
with named as (
    {% for table, path in [
        ('codegraphx_scan_rows', 'path_key'),
        ('codegraphx_ast_rows', 'path_key'),
        ('codegraphx_events', 'path_key'),
        ('catalog_file_signals', 'file_path_key'),
        ('catalog_dependency_edges', 'file_path_key'),
        ('catalog_complexity_nodes', 'file_path_key'),
        ('catalog_call_edges', key_beneath('caller_file', 'source_path', 'source_path_key')),
        ('artifact_pointers', 'path_key'),
    ] -%}
    select distinct {{ parent_path(path) }} as path from ({{ current_rows(table) }})

    union

    {% endfor -%}
    {% for table, path in [
        ('artifact_pointers', 'path_key'),
        ('artifact_pointers', 'owner'),
        ('codegraphx_report_items', 'path_key'),
        ('catalog_projects', 'path_key'),
        ('catalog_enrichment', 'source_path_key'),
        ('catalog_project_signals', 'source_path_key'),
        ('catalog_project_intelligence', 'source_path_key'),
        ('catalog_similarity_pairs', 'source_path_key'),
    ] -%}
    select distinct {{ path }} from ({{ current_rows(table) }})
    {{ 'union' if not loop.last }}

    {% endfor %}
),

around as (
    select
        path,
        unnest({{ ancestors('path') }}) as above_path,
    from named
    where path is not null
),

projects as (
    select * from {{ ref('int_structure__projects') }}
),

innermost_projects as (
    select
        around.path,
        max_by(projects, length(projects.project_path)) as project,
    from around
    inner join projects on rtrim(projects.project_path, '/') = around.above_path
    group by around.path
),

-- the nearest crawled place around a path
nearest_places as (
    {{ nearest_places('around') }}
),

-- its innermost project, and whether a crawl covers the folder
final as (
    select
        named.path,
        innermost_projects.project.project_id as project_id,
        innermost_projects.project.project_path as project_path,
        coalesce(nearest_places.is_listed, false)
        or coalesce(innermost_projects.project.is_gone, false) as is_listed,
    from named
    left join innermost_projects using (path)
    left join nearest_places using (path)
    where named.path is not null
)

select * from final
