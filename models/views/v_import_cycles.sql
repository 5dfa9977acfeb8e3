with cycles as (
    select * from {{ ref('int_code__import_cycles') }}
),

final as (
    select
        cycle_id,
        project_id,
        project_path,
        language,
        is_at_run_time,
        file_count,
        {{ as_json_text('file_paths') }} as file_paths,
        len(cycle) as cycle_length,
        {{ as_json_text('cycle') }} as cycle,
        edge_count,
        {{ as_json_text('edges') }} as edges,
        source_run_id,
    from cycles
)

select * from final
