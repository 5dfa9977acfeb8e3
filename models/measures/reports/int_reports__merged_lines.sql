{{ config(materialized='ephemeral') }}
-- Lines of a file that several measurements missed, as `3-5 9`. A measurement whose ranges do not
-- add up to the lines that it missed counts something else, and is not merged.
with measured as (
    select
        *,
        list_transform(
            list_filter(string_split(coalesce(missing_lines, ''), ' '), lambda one: one <> ''),
            lambda one: struct_pack(
                low := try_cast(split_part(one, '-', 1) as bigint),
                high := try_cast(split_part(one, '-', -1) as bigint)
            )
        ) as ranges,
        coalesce(list_sum(list_transform(ranges, lambda one: one.high - one.low + 1)), 0)
            as missing_count,
    from {{ ref('coverage_files') }}
    where
        file_id is not null
        and (missing_lines is not null or lines_hit = lines_found)
    qualify count(*) over (partition by file_id) > 1
),

mergeable as (
    select *
    from measured
    where missing_count = lines_found - lines_hit and missing_count between 0 and 100000
    qualify count(*) over (partition by file_id, line_basis, lines_found) > 1
),

exploded as (
    select file_id, line_basis, lines_found, coverage_id, unnest(ranges) as missed
    from mergeable
),

missed_lines as (
    select
        file_id, line_basis, lines_found, coverage_id,
        unnest(generate_series(missed.low, missed.high)) as line,
    from exploded
),

counted as (
    select file_id, line_basis, lines_found, line, count(distinct coverage_id) as misses
    from missed_lines
    group by all
),

totals as (
    select
        file_id,
        line_basis,
        lines_found,
        count(*) as measurements,
    from mergeable
    group by all
),

-- one row per file and way to count its lines, of which several measurements can be merged
final as (
    select
        totals.file_id,
        totals.line_basis,
        totals.lines_found,
        totals.measurements,
        totals.lines_found - count(counted.line) as lines_hit,
    from totals
    left join counted
        on counted.file_id = totals.file_id
        and counted.line_basis = totals.line_basis
        and counted.lines_found = totals.lines_found
        and counted.misses = totals.measurements
    group by totals.file_id, totals.line_basis, totals.lines_found, totals.measurements
)

select * from final
