with files as (select * from {{ ref('int_code__files') }}),

symbols as (select * from {{ ref('stg_code__content_symbols') }}),

-- one row per definition; a name may be defined several times in a file
final as (
    select
        {{ hash_id([
            'files.file_id',
            'symbols.qualified_name',
            'nullif(row_number() over (
                partition by files.file_id, symbols.qualified_name order by symbols.symbol_index
            ), 1)::varchar',
        ]) }} as symbol_id,
        files.project_id,
        files.file_id,
        files.file_path,
        files.language,
        symbols.qualified_name,
        symbols.name,
        symbols.kind,
        symbols.parent as parent_name,
        symbols.start_line,
        symbols.end_line,
        {{ as_json_text('symbols.parameters') }} as parameters,
        symbols.has_docs,
        symbols.is_exported,
        symbols.code_lines,
        symbols.cyclomatic as cyclomatic_complexity,
        symbols.cognitive as cognitive_complexity,
        symbols.nesting as nesting_depth,
        files.source_run_id,
    from files
    inner join symbols using (sha256, run_seq)
)

select * from final
