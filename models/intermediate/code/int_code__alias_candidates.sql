{{ config(materialized='ephemeral') }}
with imports as (
    select * from {{ ref('int_code__written_imports') }}
    where family = 'javascript' and not begins_with_folder and not is_standard
),

aliases as (
    select * from {{ ref('int_code__path_aliases') }}
),

-- the nearest folder around a file whose settings have aliases
folders as (
    select
        around.base,
        max_by(around.directory_path, length(around.directory_path)) as directory_path,
    from (
        select
            base,
            unnest({{ ancestors('base') }}) as directory_path,
        from (select distinct base from imports) as bases
    ) as around
    where around.directory_path in (select aliases.directory_path from aliases)
    group by around.base
),

-- one row per import and place where a setting lets it lead; the longest pattern is the first
final as (
    select
        imports.file_id,
        imports.import_index,
        1 as step,
        (aliases.depth * 1000 - length(aliases.head)) * 1000 + least(aliases.position, 999) as part,
        case
            when aliases.is_open
                then replace(
                    aliases.place,
                    '*',
                    imports.written[
                        length(aliases.head) + 1:length(imports.written) - length(aliases.tail)
                    ]
                )
            else aliases.place
        end as place,
        'path alias' as via,
    from imports
    inner join folders using (base)
    inner join aliases using (directory_path)
    where
        imports.written = aliases.pattern
        or (
            aliases.is_open
            and starts_with(imports.written, aliases.head)
            and ends_with(imports.written, aliases.tail)
        )
)

select * from final
