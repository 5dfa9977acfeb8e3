with files as (
    select
        path,
        directory_path,
        lower(name) as name,
    from {{ ref('int_files__current') }}
    where could_be_page
),

names as (
    select distinct name from files
),

rules as (
    select
        part,
        lower(regexp_extract(pattern, '[^/]*$')) as name_pattern,
    from {{ ref('file_kind_rules') }}
    where part in ('readme', 'license', 'record')
),

by_name as (
    select
        names.name,
        bool_or(rules.part = 'readme') as is_explanation,
    from names
    -- Any name fits in a folder of licences.
    inner join rules on {{ matches_glob('names.name', 'rules.name_pattern') }}
    where rules.name_pattern <> '*'
    group by names.name
),

by_place as (
    select
        files.path,
        bool_or(places.part = 'readme') as is_readme,
        bool_or(places.part = 'license') as is_license,
    from {{ ref('int_files__rule_places') }} as places
    inner join files using (directory_path)
    where
        places.part in ('readme', 'license')
        and {{ matches_glob('files.name', 'places.name_pattern') }}
    group by files.path
),

-- one row per file whose name gives the purpose of a document; `is_readme` and `is_license` are
-- those of the project
final as (
    select
        files.path,
        coalesce(by_name.is_explanation, false) as is_explanation,
        coalesce(by_place.is_readme, false) as is_readme,
        coalesce(by_place.is_license, false) as is_license,
    from files
    left join by_name using (name)
    left join by_place using (path)
    where by_name.name is not null or by_place.path is not null
)

select * from final
