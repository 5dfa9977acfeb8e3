with recursive units as (
    select * from {{ ref('int_mirrors__identical_units') }}
),

-- a unit and two directories around it, upwards as long as both sides agree on the names between
levels as (
    select path_a, path_b, unit_a, unit_b, weight
    from units

    union all

    select
        {{ parent_path('path_a') }} as path_a,
        {{ parent_path('path_b') }} as path_b,
        unit_a,
        unit_b,
        weight,
    from levels
    where
        {{ last_part('path_a') }} = {{ last_part('path_b') }}
        and {{ parent_path('path_a') }} is distinct from {{ parent_path('path_b') }}
),

weight_a as (
    select path_a, path_b, sum(weight) as weight
    from (select distinct path_a, path_b, unit_a, weight from levels)
    group by path_a, path_b
),

weight_b as (
    select path_a, path_b, sum(weight) as weight
    from (select distinct path_a, path_b, unit_b, weight from levels)
    group by path_a, path_b
),

-- two directories with something identical at the same place in both
final as (
    select
        weight_a.path_a,
        weight_a.path_b,
        cast(least(weight_a.weight, weight_b.weight) as bigint) as identical_files,
        side_a.tree_nonempty_count as files_a,
        side_b.tree_nonempty_count as files_b,
        side_a.tree_digest is not null and side_a.tree_digest = side_b.tree_digest as is_exact,
    from weight_a
    inner join weight_b using (path_a, path_b)
    inner join {{ ref('int_mirrors__directories') }} as side_a on side_a.path = weight_a.path_a
    inner join {{ ref('int_mirrors__directories') }} as side_b on side_b.path = weight_a.path_b
)

select * from final
