with imports as (
    select * from {{ ref('int_code__import_links') }}
),

-- The files that import and are imported. Their order makes the cycles the same in every build.
nodes as (
    select
        *,
        row_number() over (order by project_path, file_path, file_id) - 1 as number,
    from {{ ref('int_code__files') }}
    where
        file_id in (select imports.file_id from imports)
        and file_id in (select imports.resolved_file_id from imports)
),

edges as (
    select
        sources.number as source,
        targets.number as target,
        sources.file_path as source_path,
        targets.file_path as target_path,
        imports.line,
    from imports
    inner join nodes as sources using (file_id)
    inner join nodes as targets on targets.file_id = imports.resolved_file_id
),

graphs as (
    select graph_cycles(list(source), list(target), (select count(*) from nodes)) as found
    from edges
),

places as (
    select
        unnest(found) as node,
        unnest(range(len(found))) as number,
    from graphs
),

-- one row per file in a cycle; a cycle has the number of its first file
members as (
    select
        nodes.*,
        places.node.component as cycle_number,
        case when places.node.place >= 0 then places.node.place end as place,
    from places
    inner join nodes using (number)
    where places.node.component >= 0
),

-- one row per import that is a part of a cycle
links as (
    select
        members.cycle_number,
        edges.*,
    from edges
    inner join members on members.number = edges.source
    inner join members as targets
        on targets.number = edges.target and targets.cycle_number = members.cycle_number
),

parts as (
    select
        cycle_number,
        count(*) as edge_count,
        list(
            struct_pack("from" := source_path, "to" := target_path, line := line)
            order by source, target
        )[1:100] as edges,
    from links
    group by cycle_number
),

-- one row per set of files that import each other, directly or through others in it
final as (
    select
        {{ hash_id(["'import cycle'", 'min_by(members.file_id, members.number)']) }} as cycle_id,
        min_by(members.project_id, members.number) as project_id,
        min_by(members.project_path, members.number) as project_path,
        min_by(members.language, members.number) as language,
        {{ code_family('min_by(members.language, members.number)') }}
        in ('python', 'javascript', 'ruby', 'shell')
            as is_at_run_time,
        count(*) as file_count,
        list(members.file_path order by members.number) as file_paths,
        list(members.file_path order by members.place) filter (where members.place is not null)
            as cycle,
        max_by(members.source_run_id, members.run_seq) as source_run_id,
        any_value(parts.edge_count) as edge_count,
        any_value(parts.edges) as edges,
    from members
    inner join parts using (cycle_number)
    group by members.cycle_number
)

select * from final
