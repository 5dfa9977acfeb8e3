{{ config(materialized='ephemeral') }}
with imports as (
    select * from {{ ref('int_code__written_imports') }}
    where family = 'javascript' and not begins_with_folder and not is_standard
),

packages as (
    select * from {{ ref('int_dependencies__packages') }}
    where ecosystem = 'npm'
),

places as (
    select
        *,
        case when kind = 'main' then '.' else name end as pattern,
        split_part(pattern, '*', 1) as head,
        split_part(pattern, '*', 2) as tail,
    from {{ ref('int_code__places') }}
    where format = 'package_json' and kind in ('main', 'export')
),

named as (
    select
        imports.file_id,
        imports.import_index,
        packages.directory_path,
        '.' || substr(imports.written, length(packages.canonical_name) + 1) as written,
    from imports
    inner join packages
        on packages.canonical_name = regexp_extract(imports.written, '^(?:@[^/]+/)?[^/]+')
        and (packages.project_id = imports.project_id or packages.provider_rank = 1)
),

-- one row per import of a package, and place where its manifest lets the name lead
final as (
    select
        named.file_id,
        named.import_index,
        2 as step,
        places.position as part,
        replace(
            places.place,
            '*',
            named.written[length(places.head) + 1:length(named.written) - length(places.tail)]
        ) as place,
        'package' as via,
    from named
    inner join places using (directory_path)
    where
        named.written = places.pattern
        or (
            contains(places.pattern, '*')
            and starts_with(named.written, places.head)
            and ends_with(named.written, places.tail)
        )
)

select * from final
