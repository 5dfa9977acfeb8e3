{{ config(materialized='table', schema='internal') }}
{% set most_steps, most_places, most_stars = 8, 8, 3 %}
with recursive symbols as (
    select * from {{ ref('int_code__names') }}
    where is_last
),

-- One row per name and place where it may be defined, step by step from the file that wants it, as
-- long as it is not found, and on to all base types; `turns` puts the places of one name in order.
places as (
    select
        begun.wanted_id,
        begun.own_scope,
        scopes.shared_scope,
        begun.at_file_id,
        begun.path,
        begun.turns,
        0 as through,
        symbols.symbol_id,
    from {{ ref('int_code__begun') }} as begun
    inner join {{ ref('int_code__scopes') }} as scopes on scopes.file_id = begun.at_file_id
    left join symbols on symbols.file_id = begun.own_scope and symbols.qualified_name = begun.path

    union all

    select
        following.*,
        symbols.symbol_id,
    from (
        select
            places.wanted_id,
            steps.to_file_id as own_scope,
            steps.to_shared_scope as shared_scope,
            steps.to_file_id as at_file_id,
            case steps.kind
                when 'import' then {{ name_in_import('steps', 'places.rest') }}
                when 'base' then steps.prefix || substr(places.path, length(steps.head) + 1)
                else places.path
            end as path,
            places.turns || steps.turn as turns,
            greatest(
                places.through,
                list_position(['import', 'star', 'package', 'global', 'base'], steps.kind)
            ) as through,
        from (
            select
                *,
                {{ name_before('path', 'first') }} as first_name,
                substr(path, length(first_name) + 2) as rest,
            from places
        ) as places
        cross join (values ('first'), ('around'), ('star'), ('shared'), ('member')) as looks (look)
        inner join {{ ref('int_code__steps') }} as steps
            on steps.scope = case
                when looks.look in ('first', 'around') then places.own_scope
                when looks.look = 'star' then places.at_file_id
                else places.shared_scope
            end
            and steps.head = case looks.look
                when 'star' then '*'
                when 'around' then nullif({{ name_before('places.path', 'last') }}, first_name)
                when 'member' then nullif(places.path, first_name)
                else first_name
            end
        where
            len(places.turns) < 2 * {{ most_steps }}
            and (steps.kind <> 'star' or len(places.turns) < 2 * {{ most_stars }})
            and (places.symbol_id is null or (places.through = 5 and steps.is_linear))
        qualify row_number() over (
            partition by places.wanted_id order by turns, steps.to_file_id, path
        ) <= {{ most_places }}
    ) as following
    left join symbols
        on symbols.file_id = following.at_file_id and symbols.qualified_name = following.path
    where following.path <> ''
),

-- In Python, a type that is reached in several ways comes after all that inherit from it.
reached as (
    select
        wanted_id,
        symbol_id,
        max(turns) as turns,
        max_by(through, (turns, through)) as through,
    from places
    where symbol_id is not null
    group by wanted_id, symbol_id
),

-- one row per name that is found; a tie goes to the smallest id
final as (
    select
        wanted_id,
        min_by(symbol_id, (turns, symbol_id)) as symbol_id,
        min_by(through, (turns, symbol_id)) as through,
    from reached
    group by wanted_id
)

select * from final
