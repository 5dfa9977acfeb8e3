{{ config(materialized='ephemeral') }}
with parsed as (
    select * from {{ ref('int_code__files') }}
    where parse_state in ('tree', 'partial') and file_kind = 'source'
),

functions as (
    select * from {{ ref('code_symbols') }}
    where kind in ('function', 'method')
),

-- one row per function of an own source file that was parsed, and one per file without any
final as (
    select
        parsed.project_id,
        parsed.path,
        parsed.file_path,
        functions.qualified_name as function_name,
        functions.start_line,
        functions.cyclomatic_complexity as cyclomatic,
        cast(null as timestamp) as measured_at,
        parsed.source_run_id as run_id,
        parsed.run_seq,
    from parsed
    left join functions using (file_id)
)

select * from final
