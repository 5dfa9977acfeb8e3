with items as (
    select * from {{ ref('stg_codegraphx__report_items') }}
    where kind = 'backlog'
),

parsed as (
    select
        artifact_path,
        position,
        {{ json_text('item', 'name') }} as name,
        {{ json_text('item', 'path') }} as path,
        {% for name in [
            'file_count', 'line_count', 'has_readme', 'has_tests', 'has_git', 'has_ci_cd',
            'has_docs', 'has_license', 'already_enriched',
        ] -%}
        try_cast({{ json_text('item', name) }} as bigint) as {{ name }},
        {% endfor -%}
        try_cast({{ json_text('item', 'enrich_score') }} as double) as enrich_score,
        path_key,
        run_id,
    from items
),

final as (
    select
        parsed.* exclude (run_id),
        places.project_id,
        parsed.run_id as source_run_id,
    from parsed
    left join {{ ref('int_codegraphx__places') }} as places on places.path = parsed.path_key
)

select * from final
