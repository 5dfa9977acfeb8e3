{{ config(materialized='ephemeral') }}
with files as (
    select
        *,
        {{ code_family('language') }} as family,
        regexp_replace(name, '\.[^.]*$', '') as stem,
        case
            when family <> 'rust' or stem in ('mod', 'lib', 'main', 'build') then directory_path
            -- Each file of these folders is a crate of its own.
            when {{ last_part('directory_path') }} in ('tests', 'benches', 'examples', 'bin')
                then directory_path
            else directory_path || '/' || stem
        end as base,
    from {{ ref('int_code__files') }}
),

imports as (
    select
        files.file_id,
        files.project_id,
        files.project_path,
        files.file_path,
        files.language,
        files.family,
        files.base,
        files.source_run_id,
        imports.* exclude (extractor_version, run_id, landed_at),
        nullif(imports.name, '*') as taken_name,
        -- the first part, which says what comes with the language
        case files.family
            when 'c' then imports.module
            when 'go' then split_part(imports.module, '/', 1)
            else regexp_extract(imports.module, '^(?:node:)?([^/\\:.]+)', 1)
        end as first_name,
    from files
    inner join {{ ref('stg_code__content_imports') }} as imports using (sha256, run_seq)
),

-- A function imports when it is called.
functions as (
    select distinct sha256, run_seq, qualified_name as scope
    from {{ ref('stg_code__content_symbols') }}
    where kind in ('function', 'method')
),

-- one row per import of an own file; what it names is relative to `base`
final as (
    select
        imports.* exclude (sha256, run_seq),
        functions.scope is not null as is_deferred,
        standard_modules.name is not null as is_standard,
        case
            when imports.family = 'go' then regexp_extract(module, '^[^/]+(?:/[^/]+){0,2}')
            when imports.family = 'java'
                then regexp_extract(module, '^[a-z0-9_]+(?:[.][a-z0-9_]+){0,2}')
            when imports.family = 'javascript'
                then nullif(regexp_extract(
                    replace(module, 'node:', ''), '^(?:@[^/]+/)?[^./#~@][^/]*'
                ), '')
            when imports.family = 'c' and kind = 'include' then null
            when imports.family = 'c' and not is_standard then split_part(module, '/', 1)
            when imports.family = 'rust' and first_name in ('crate', 'self', 'super') then null
            when imports.family <> 'shell' and level = 0 then nullif(first_name, '')
        end as package_name,
    from imports
    left join functions using (sha256, run_seq, scope)
    left join {{ ref('standard_modules') }} as standard_modules
        on imports.level = 0
        and standard_modules.family = imports.family
        and standard_modules.name = imports.first_name
)

select * from final
