with mappings as (
    select * from {{ ref('int_reports__mappings') }}
),

files as (
    select project_id, file_path, sha256 from {{ ref('int_files__current') }}
    where size_bytes > 0
),

-- Projects that explain the paths of a run much alike; if one is a copy of the other, the name of
-- a folder decides nothing.
rivals as (
    select distinct
        one.run_no,
        one.project_id,
        other.project_id as other_id,
    from mappings as one
    inner join mappings as other
        on other.run_no = one.run_no
        and other.outer_path = one.outer_path
        and other.project_id <> one.project_id
        and 2 * other.hit_count >= one.hit_count
    where one.outer_path <> '/' and one.is_named
),

sizes as (
    select project_id, count(*) as file_count from files
    group by project_id
),

copied as (
    select rivals.run_no, rivals.project_id
    from rivals
    inner join files as one on one.project_id = rivals.project_id
    inner join files as other
        on other.project_id = rivals.other_id
        and other.file_path = one.file_path
        and other.sha256 = one.sha256
    inner join sizes as one_size on one_size.project_id = rivals.project_id
    inner join sizes as other_size on other_size.project_id = rivals.other_id
    group by rivals.run_no, rivals.project_id, rivals.other_id
    having 2 * count(*) >= min(least(one_size.file_count, other_size.file_count))
),

-- The evidence for a mapping, the strongest first: the path exists here (4); it is from the project
-- of the report (3); the folder has the name of the project (2); the paths are files of it (1).
tiers as (
    select
        mappings.*,
        case
            when outer_path = '/' then 4
            when
                (is_around or project_id = own_project_id)
                and (is_named or 2 * hit_count >= most_hits)
                then 3
            when copied.run_no is not null then 0
            when is_named then 2
            when own_project_id is not null or names_another then 0
            when hit_count >= 3 and 2 * hit_count >= path_count then 1
            when hit_count = path_count and part_count >= 2 and outer_path = '' then 1
            else 0
        end as tier,
    from mappings
    left join copied using (run_no, project_id)
),

weighed as (
    select
        run_no,
        outer_path,
        inner_path,
        way,
        project_id,
        tier,
        (tier * 1000000 + least(hit_count, 999999)) * 10 + case
            when is_home or (is_named and way = 'project' and outer_path <> '') then 4
            when way in ('source root', 'package') then 1
            when way = 'parent folder' then 2
            else 3
        end as strength,
    from tiers
),

-- Only one project may explain the paths of a report that is in none.
final as (
    select
        *,
        tier >= 3
        or tier >= 1 and min(project_id) over equals = max(project_id) over equals as is_certain,
    from weighed
    window equals as (partition by run_no, outer_path, strength)
)

select * from final
