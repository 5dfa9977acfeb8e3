with settings as (
    {{ code_settings(['min_copied_bytes']) }}
),

files as (
    select *, count(*) over (partition by sha256) as copies
    from {{ ref('int_files__current') }}
    where is_own and not is_symlink
),

scores as (select * from {{ ref('int_code__scores') }}),

lines as (select * from {{ ref('int_code__files') }}),

contents as (select * from {{ ref('int_roles__contents') }}),

final as (
    select
        files.project_id as codebase_id,
        files.project_path as codebase_path,
        files.file_path as path,
        files.size_bytes as size,
        files.line_count as lines,
        coalesce(files.language, 'unknown') as language,
        cast(epoch(files.mtime) as bigint) as last_modified,
        files.file_kind as file_type,
        scores.cyclomatic as cyclomatic_complexity,
        scores.cognitive as cognitive_complexity,
        scores.maintainability_index,
        scores.nesting as nesting_depth,
        {% for kind in ['function', 'class', 'struct', 'enum', 'trait', 'interface'] -%}
        case when scores.file_id is not null then coalesce(scores.{{ kind }}_count, 0) end
            as {{ kind }}_count,
        {% endfor -%}
        lines.total_lines,
        lines.code_lines,
        lines.comment_lines,
        lines.blank_lines,
        scores.halstead_vocabulary,
        scores.halstead_length,
        scores.halstead_volume,
        scores.halstead_difficulty,
        scores.halstead_effort,
        links.pagerank_score,
        links.centrality_score,
        links.dependency_count,
        links.dependent_count,
        scores.technical_debt_ratio,
        coalesce(scores.code_smells_count, findings.smells) as code_smells_count,
        case
            when files.sha256 is null then null
            when files.size_bytes < settings.min_copied_bytes then 0
            else cast(100 * cast(files.copies > 1 as integer) as double)
        end as duplication_percentage,
        findings.security_score,
        findings.vulnerabilities as vulnerability_count,
        scores.quality_score,
        coverage.coverage_ratio as test_coverage,
        scores.documentation_coverage,
        cast(null as varchar) as domains,
        {{ as_json_text("list_transform(contents.signals, lambda met: met['signal'])") }}
            as patterns,
        case when roles.primary_role is not null then {{ as_json_text(
            "list_concat([roles.primary_role], from_json(roles.secondary_roles, '[\"varchar\"]'))"
        ) }} end as features,
        cast(null as varchar) as business_context,
        cast(null as varchar) as performance_characteristics,
        cast(null as varchar) as security_characteristics,
        {{ as_json_text("links.dependencies") }} as dependencies,
        {{ as_json_text("coalesce(related.related_files, [])") }} as related_files,
        {{ as_json_text("links.imports") }} as imports,
        {% for list in ['exports', 'functions', 'classes', 'structs', 'enums', 'traits'] -%}
        {{ as_json_text("if(scores.file_id is null, null, coalesce(scores." ~ list ~ ", []))") }}
            as {{ list }},
        {% endfor -%}
        cast(null as double[]) as vector_embedding,
        files.file_id as id,
        files.first_seen as inserted_at,
        lines.landed_at as updated_at,
        lines.parse_state,
        scores.max_cyclomatic,
        scores.exported_count,
        scores.documented_count,
        case when files.file_kind = 'source' then coalesce(related.test_file_count, 0) end
            as test_file_count,
        contents.inline_test_lines,
        coalesce(lines.source_run_id, files.run_id) as source_run_id,
    from files
    cross join settings
    left join lines using (file_id)
    left join scores using (file_id)
    left join {{ ref('int_code__links') }} as links using (file_id)
    left join {{ ref('int_code__related_files') }} as related using (file_id)
    left join {{ ref('file_roles') }} as roles using (file_id)
    left join {{ ref('int_reports__file_coverage') }} as coverage using (file_id)
    left join {{ ref('int_reports__file_findings') }} as findings using (file_id)
    left join contents on contents.sha256 = files.sha256
)

select * from final
