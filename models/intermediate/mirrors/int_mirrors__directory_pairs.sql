with recursive units as (
    select * from {{ ref('int_mirrors__identical_units') }}
),

directories as (
    select * from {{ ref('int_mirrors__directories') }}
),

-- two directories and two around them, upwards as long as the names on both sides are equal
levels as (
    select distinct path_a as from_a, path_b as from_b, path_a, path_b
    from units

    union all

    select
        levels.from_a,
        levels.from_b,
        side_a.parent_path as path_a,
        side_b.parent_path as path_b,
    from levels
    inner join directories as side_a on side_a.path = levels.path_a
    inner join directories as side_b on side_b.path = levels.path_b and side_b.name = side_a.name
    where side_a.parent_path is distinct from side_b.parent_path
),

-- A folder of projects is only a place: content of a repository inside it belongs to the
-- repository, and so does content of projects inside both sides.
placed as (
    select levels.path_a, levels.path_b, units.unit_a, units.unit_b, units.files, units.weight
    from levels
    inner join units on units.path_a = levels.from_a and units.path_b = levels.from_b
    inner join directories as from_a on from_a.path = levels.from_a
    inner join directories as from_b on from_b.path = levels.from_b
    inner join directories as side_a on side_a.path = levels.path_a
    inner join directories as side_b on side_b.path = levels.path_b
    where
        (from_a.project_path = side_a.project_path or from_b.project_path = side_b.project_path)
        and (
            from_a.project_path = side_a.project_path
            or side_a.project_kind <> 'loose_files'
            or from_a.project_kind <> 'repository'
        )
        and (
            from_b.project_path = side_b.project_path
            or side_b.project_kind <> 'loose_files'
            or from_b.project_kind <> 'repository'
        )
),

units_of_a as (
    select distinct path_a, path_b, unit_a, files, weight from placed
),

units_of_b as (
    select distinct path_a, path_b, unit_b, files, weight from placed
),

-- A unit that one side has twice counts once.
counted_a as (
    select
        path_a,
        path_b,
        sum(files) as files,
        {{ stable_sum('weight') }} as weight,
    from units_of_a
    group by path_a, path_b
),

counted_b as (
    select
        path_a,
        path_b,
        sum(files) as files,
        {{ stable_sum('weight') }} as weight,
    from units_of_b
    group by path_a, path_b
),

-- one row per pair of directories with equal content at the same place
final as (
    select
        counted_a.path_a,
        counted_a.path_b,
        cast(least(counted_a.files, counted_b.files) as bigint) as identical_files,
        least(counted_a.weight, counted_b.weight) as identical_weight,
    from counted_a
    inner join counted_b using (path_a, path_b)
)

select * from final
