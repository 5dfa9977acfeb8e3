{{ config(materialized='ephemeral') }}
with files as (
    select file_id, project_id, file_path from {{ ref('int_files__current') }}
    where is_own
),

settings as (
    {{ code_settings(['max_related_files']) }}
),

tests as (
    select * from {{ ref('int_code__tests') }}
),

couplings as (
    select * from {{ ref('int_git__couplings') }}
),

pairs as (
    select project_id, file_path_a as file_path, file_path_b as path, coupling_ratio
    from couplings

    union all

    select project_id, file_path_b as file_path, file_path_a as path, coupling_ratio
    from couplings
),

related as (
    select file_id, test_path as path, 'test' as relation, reason, null as coupling_ratio
    from tests

    union all

    select files.file_id, pairs.path, 'coupled' as relation, 'history' as reason, coupling_ratio
    from pairs
    inner join files using (project_id, file_path)
),

ranked as (
    select
        *,
        count(*) filter (where relation = 'test') over (partition by file_id) as test_file_count,
        row_number() over (
            partition by file_id, relation order by coupling_ratio desc nulls last, reason, path
        ) as place,
    from related
),

-- one row per file with tests or coupled files: the first of each
final as (
    select
        file_id,
        any_value(test_file_count) as test_file_count,
        list(
            struct_pack(
                path := path,
                relation := relation,
                reason := reason,
                coupling_ratio := round(coupling_ratio, 3)
            )
            order by relation desc, place
        ) as related_files,
    from ranked
    cross join settings
    where place <= max_related_files
    group by file_id
)

select * from final
