with scopes as (
    select * from {{ ref('int_code__scopes') }}
    where shared_scope is not null
),

symbols as (
    select * from {{ ref('code_symbols') }}
),

-- One row per name that files share without an import. A name that is global counts if only one
-- file defines it; of a package, one of the files is taken. In Ruby, only types are global: a bare
-- name is mostly that of a method of the object.
final as (
    select
        scopes.shared_scope,
        scopes.is_global,
        symbols.qualified_name,
        min(symbols.file_id) as file_id,
    from symbols
    inner join scopes using (file_id)
    where
        not contains(coalesce(symbols.parent_name, ''), '.')
        and not (symbols.language = 'Ruby' and symbols.kind = 'function')
    group by scopes.shared_scope, scopes.is_global, symbols.qualified_name
    having not scopes.is_global or min(symbols.file_id) = max(symbols.file_id)
)

select * from final
