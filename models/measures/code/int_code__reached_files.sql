{{ config(materialized='ephemeral') }}
with imports as (
    select distinct file_id, resolved_file_id
    from {{ ref('code_imports') }}
    where resolved_file_id <> file_id
),

calls as (
    select distinct calls.file_id, symbols.file_id as resolved_file_id
    from {{ ref('code_calls') }} as calls
    inner join {{ ref('code_symbols') }} as symbols using (symbol_id)
    where
        symbols.file_id <> calls.file_id
        and calls.confidence_ratio >= {{ var('graph_min_confidence') }}
),

indexes as (
    select file_id from {{ ref('int_code__test_stems') }}
    where is_index
),

-- one row per file, and file that it calls or imports, also through an index
final as (
    select file_id, resolved_file_id, 'calls' as reason from calls

    union all

    select file_id, resolved_file_id, 'imports' as reason from imports

    union all

    select imports.file_id, further.resolved_file_id, 'imports' as reason
    from imports
    inner join indexes on indexes.file_id = imports.resolved_file_id
    inner join imports as further on further.file_id = imports.resolved_file_id
)

select * from final
