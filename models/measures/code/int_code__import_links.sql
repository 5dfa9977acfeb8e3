{{ config(materialized='ephemeral') }}
with files as (
    select file_id from {{ ref('int_code__files') }}
),

-- One row per own file and other own file that it imports as soon as it is loaded: not for type
-- checkers, and not when a function is called.
final as (
    select
        imports.file_id,
        imports.resolved_file_id,
        min(imports.line) as line,
    from {{ ref('code_imports') }} as imports
    where
        imports.resolved_file_id <> imports.file_id
        and not imports.is_type_only
        and not imports.is_deferred
        and imports.kind <> 'dynamic'
        and imports.confidence_ratio >= {{ threshold('IMPORT_CYCLE', 'min_confidence') }}
        and imports.resolved_file_id in (select files.file_id from files)
    group by imports.file_id, imports.resolved_file_id
)

select * from final
