with files as (
    select * from {{ ref('int_code__files') }}
),

-- Languages differ in whether an import names a file, or what is defined in it. `prefixes` are the
-- places in the imported file where what is imported may be; NULL is the file itself.
imports as (
    select
        imports.*,
        regexp_extract(imports.module, '([\w$-]+)$', 1) as last_name,
        regexp_extract(files.name, '^([^.]*)', 1) as stem,
        split_part(imports.module, '.', 1) as first_name,
        coalesce(imports.name, '*') = '*' as is_whole,
        case
            when is_whole then [null, last_name, imports.bound_name]
            when imports.name = 'default' then ['default', imports.bound_name, stem, null]
            when imports.name = stem then [imports.name, null]
            else [imports.name]
        end as prefixes,
    from {{ ref('code_imports') }} as imports
    inner join files on files.file_id = imports.resolved_file_id
),

-- one row per import that leads to own code, and place there, in the order of `place`
final as (
    select
        file_id,
        import_index,
        scope,
        case
            when bound_name is not null then bound_name
            when name = '*' or (kind like 'include%' and language <> 'Ruby') then '*'
        end as bound_name,
        resolved_file_id as to_file_id,
        unnest(prefixes) as prefix,
        unnest(range(len(prefixes))) as place,
        -- `import a.b` binds `a`, and leads only to what is in `a.b`.
        case
            when
                language = 'Python'
                and name is null
                and bound_name <> module
                and bound_name = first_name
                then substr(module, length(first_name) + 2) || '.'
        end as skipped,
    from imports
)

select * from final
