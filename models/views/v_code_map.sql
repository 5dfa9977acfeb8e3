with metadata as (
    select * from {{ ref('codebase_metadata') }}
    where file_type in ('source', 'test')
),

hotspots as (
    select * from {{ ref('v_hotspots') }}
),

roles as (
    select * from {{ ref('v_file_roles') }}
),

owners as (
    select * from {{ ref('v_ownership') }}
    where scope = 'file'
),

-- one row per file in the graph of imports
nodes as (
    select file_id, workspace_pagerank_score from {{ ref('graph_nodes') }}
    where graph_type = 'ImportGraph'
),

final as (
    select
        metadata.id as file_id,
        metadata.codebase_id as project_id,
        metadata.codebase_path as project_path,
        metadata.path as file_path,
        nullif(metadata.language, 'unknown') as language,
        metadata.file_type as file_kind,
        metadata.pagerank_score,
        metadata.centrality_score,
        metadata.dependency_count,
        metadata.dependent_count,
        metadata.code_lines,
        metadata.cyclomatic_complexity,
        metadata.cognitive_complexity,
        metadata.max_cyclomatic,
        metadata.maintainability_index,
        metadata.documentation_coverage,
        metadata.quality_score,
        metadata.code_smells_count,
        metadata.function_count,
        metadata.test_file_count,
        hotspots.recent_revisions,
        hotspots.recent_authors,
        owners.last_changed_at,
        hotspots.hotspot_score,
        roles.primary_role,
        owners.main_author_email,
        owners.main_author_name,
        owners.main_author_share,
        owners.bus_factor,
        metadata.source_run_id,
        nodes.workspace_pagerank_score,
    from metadata
    left join nodes on nodes.file_id = metadata.id
    left join hotspots on hotspots.file_id = metadata.id
    left join roles on roles.file_id = metadata.id
    left join owners
        on owners.project_id = metadata.codebase_id and owners.subject = metadata.path
)

select * from final
