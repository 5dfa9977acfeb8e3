with files as (
    select * from {{ ref('int_code__files') }}
),

bases as (
    select *, base as callee
    from {{ ref('stg_code__content_bases') }}
),

-- one row per base type that is found, of each type that names it
final as (
    select
        files.project_id,
        files.file_id,
        bases.kind,
        types.symbol_id,
        found.symbol_id as base_symbol_id,
        files.source_run_id,
    from files
    inner join bases using (sha256, run_seq)
    inner join {{ ref('int_code__names') }} as types
        on types.file_id = files.file_id
        and types.qualified_name = bases.symbol
        and types.is_last
    inner join {{ ref('int_code__found') }} as found
        on found.wanted_id = {{ wanted_id('files', 'bases') }}
)

select * from final
