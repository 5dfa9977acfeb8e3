{{ config(materialized='ephemeral') }}
with advisories as (
    select advisory_id, from_json(aliases, '["varchar"]') as aliases
    from {{ ref('stg_reports__advisories') }}

    union all

    select advisory_id, aliases from {{ ref('int_reports__named_advisories') }}
),

-- one row per advisory and further id of it
pairs as (
    select distinct
        trim(advisory_id) as advisory_id,
        trim(unnest(list_append(coalesce(aliases, []), advisory_id))) as other_id,
    from advisories
),

-- A name in capitals is the same one. The order makes the groups the same in every build.
nodes as (
    select
        upper(other_id) as id_key,
        min(other_id) as advisory_id,
        row_number() over (order by upper(other_id)) - 1 as number,
    from pairs
    where other_id <> ''
    group by upper(other_id)
),

links as (
    select sources.number as source, targets.number as target
    from pairs
    inner join nodes as sources on sources.id_key = upper(pairs.advisory_id)
    inner join nodes as targets on targets.id_key = upper(pairs.other_id)
    where source <> target
),

-- In both directions, a component of the graph is a set of ids of one advisory.
graphs as (
    select
        graph_cycles(
            list_concat(list(source), list(target)), list_concat(list(target), list(source)),
            (select count(*) from nodes)
        ) as found,
    from links
),

places as (
    select
        unnest(list_transform(found, lambda one: one.component)) as component,
        unnest(range(len(found))) as number,
    from graphs
),

grouped as (
    select
        nodes.*,
        case when places.component >= 0 then places.component else nodes.number end as component,
        -- A CVE has a number for everyone; the others are of one database.
        case
            when starts_with(id_key, 'CVE-') then 1
            when starts_with(id_key, 'GHSA-') then 2
            else 3
        end as rank,
    from nodes
    left join places using (number)
),

-- one row per id of an advisory, with the id that represents all its ids
final as (
    select
        id_key,
        first_value(advisory_id) over (partition by component order by rank, id_key)
            as vulnerability,
        list(advisory_id) over (
            partition by component order by rank, id_key
            rows between unbounded preceding and unbounded following
        ) as all_ids,
    from grouped
)

select * from final
