{% set most_definitions = 50 %}
with symbols as (
    select
        file_id,
        qualified_name,
        symbol_id,
        start_line,
        lead(start_line) over later as until_line,
        row_number() over later as turn,
        count(*) over (partition by file_id, qualified_name) as copies,
    from {{ ref('code_symbols') }}
    window later as (partition by file_id, qualified_name order by start_line, symbol_id)
),

-- One row per name that is defined in a file, and part of the file in which it means a definition:
-- from there to the next one. Other files get the last one. If there are very many, all do.
final as (
    select
        file_id,
        qualified_name,
        symbol_id,
        case when turn > 1 and copies <= {{ most_definitions }} then start_line else 0 end
            as from_line,
        until_line,
        until_line is null as is_last,
    from symbols
    where copies <= {{ most_definitions }} or until_line is null
)

select * from final
