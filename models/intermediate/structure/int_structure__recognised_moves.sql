{{ config(materialized='ephemeral') }}
with candidates as (
    select * from {{ ref('int_structure__move_candidates') }}
),

closest as (
    select *
    from candidates
    qualify
        step = min(step) over (partition by run_seq, from_path)
        and step = min(step) over (partition by run_seq, to_path)
),

-- the number of last parts that both paths have in common
compared as (
    select
        *,
        list_reverse(string_split(from_path, '/')) as from_parts,
        list_reverse(string_split(to_path, '/')) as to_parts,
        len(list_filter(
            generate_series(1, least(len(from_parts), len(to_parts))),
            lambda number: from_parts[1:number] = to_parts[1:number]
        )) as common_parts,
    from closest
),

-- Projects that moved together with a folder around them have the same change of their paths.
supported as (
    select
        *,
        count(*) over (
            partition by
                run_seq,
                array_to_string(list_reverse(from_parts[common_parts + 1:]), '/'),
                array_to_string(list_reverse(to_parts[common_parts + 1:]), '/')
        ) as support,
    from compared
),

best as (
    select *
    from supported
    qualify
        support = max(support) over (partition by run_seq, from_path)
        and support = max(support) over (partition by run_seq, to_path)
),

-- one row per move: of several that are equally likely, none is recognised
final as (
    select run_seq, from_path, to_path, evidence
    from best
    qualify
        count(*) over (partition by run_seq, from_path) = 1
        and count(*) over (partition by run_seq, to_path) = 1
)

select * from final
