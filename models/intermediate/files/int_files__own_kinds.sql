{{ config(materialized='ephemeral') }}
with kinds as (
    select * from {{ ref('int_files__kinds') }}
),

statements as (
    select * from {{ ref('int_files__path_statements') }}
),

decided as (
    select
        kinds.* exclude (file_kind),
        statements.is_named_ignored,
        kinds.file_kind as name_kind,
        case
            -- A document that people wrote stays one, whatever .gitattributes state about it.
            when name_kind in ('doc', 'ci') and statements.written_kind is null then name_kind
            when statements.is_vendored then 'vendored'
            when statements.is_generated then 'generated'
            when statements.is_documentation and name_kind <> 'test' then 'doc'
            when name_kind = 'vendored' then name_kind
            else coalesce(statements.written_kind, name_kind)
        end as likely_kind,
        -- A page that a generator wrote is documentation, but not an own file.
        statements.is_doc_build
        or (likely_kind = 'generated' and coalesce(kinds.language = 'HTML', false)) as is_doc_build,
        -- .gitattributes may also state that a file is not what its name or folder suggests.
        case likely_kind
            when 'vendored' then not statements.is_vendored
            when 'generated' then not statements.is_generated
        end as is_denied,
    from kinds
    left join statements using (path)
),

-- one row per file on disk: its kind after the rules for paths and the folders that tools write
final as (
    select
        * exclude (name_kind, likely_kind, is_denied),
        case
            when not coalesce(is_denied, false) then likely_kind
            when name_kind not in ('vendored', 'generated') then name_kind
            when is_code and language is not null then 'source'
            else 'other'
        end as file_kind,
    from decided
)

select * from final
