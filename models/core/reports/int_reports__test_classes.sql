{{ config(materialized='ephemeral') }}
-- Many reports name no file: then the class is one, as `tests.test_cart.TestCart`.
with classes as (
    select distinct project_id, class_name, string_split(class_name, '.') as parts
    from {{ ref('int_reports__test_cases') }}
    where file_id is null and project_id is not null and regexp_matches(class_name, '^[\w.$]+$')
),

candidates as (
    select
        *,
        unnest(generate_series(greatest(1, len(parts) - 2), len(parts))) as size,
    from classes
    where len(parts) <= 20
),

files as (
    select
        project_id,
        file_id,
        file_path,
        string_split(replace(regexp_replace(file_path, '\.[^./]+$', ''), '.', '/'), '/') as parts,
    from {{ ref('int_files__current') }}
    where
        is_own
        and file_kind in ('test', 'source')
        and project_id in (select classes.project_id from classes)
),

names as (
    select *, unnest(generate_series(1, len(parts))) as start
    from files
),

-- one row per class that can be only one file
final as (
    select
        candidates.project_id,
        candidates.class_name,
        any_value(names.file_id) as file_id,
        any_value(names.file_path) as file_path,
    from candidates
    inner join names
        on names.project_id = candidates.project_id
        and array_to_string(names.parts[names.start:], '.')
        = array_to_string(candidates.parts[:candidates.size], '.')
    group by candidates.project_id, candidates.class_name, candidates.size
    having count(distinct names.file_id) = 1
    qualify row_number() over (
        partition by candidates.project_id, candidates.class_name order by candidates.size desc
    ) = 1
)

select * from final
