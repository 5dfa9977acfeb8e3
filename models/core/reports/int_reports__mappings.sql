with hits as (
    select * from {{ ref('int_reports__hits') }}
),

names as (
    select * from {{ ref('int_reports__names') }}
),

-- one row per run of a tool, with the number of the paths that it names
runs as (
    select
        run_no,
        count(*) as path_count,
        any_value(own_project_id) as own_project_id,
        any_value(lower(inner_folder)) as inner_folder,
    from {{ ref('int_reports__paths') }}
    where place_kind <> 'none'
    group by run_no
),

-- One row per outer folder of a run and folder here that it may stand for: the number of paths that
-- are files then.
counted as (
    select
        run_no,
        outer_path,
        inner_path,
        way,
        any_value(project_id) as project_id,
        starts_with(inner_path, '/') as is_around,
        bool_or(is_home) as is_home,
        count(distinct path_no) as hit_count,
        sum(len(string_split(file_path, '/'))) as part_count,
    from hits
    group by run_no, outer_path, inner_path, way
),

outer_paths as (
    select distinct run_no, outer_path from counted
),

-- one row per word by which an outer path may name a project: its folders, or all of it
words as (
    select
        run_no,
        outer_path,
        unnest(string_split(lower(outer_path), '/')) as word,
        lower({{ last_part('outer_path') }}) as last_word,
    from outer_paths

    union all

    select run_no, outer_path, lower(outer_path) as word, lower(outer_path) as last_word
    from outer_paths
),

outer_names as (
    select
        words.run_no,
        words.outer_path,
        list(distinct names.project_id) as any_ids,
        list(distinct names.project_id) filter (where words.word = words.last_word) as last_ids,
    from words
    inner join names on names.name = words.word
    group by words.run_no, words.outer_path
),

folder_names as (
    select folders.run_no, list(distinct names.project_id) as ids
    from (select run_no, unnest(string_split(inner_folder, '/')) as word from runs) as folders
    inner join names on names.name = folders.word
    group by folders.run_no
),

final as (
    select
        counted.*,
        runs.path_count,
        runs.own_project_id,
        counted.way = 'parent folder'
        or coalesce(list_contains(outer_names.last_ids, counted.project_id), false)
        or coalesce(list_contains(folder_names.ids, counted.project_id), false) as is_named,
        coalesce(outer_names.any_ids <> [counted.project_id], false) as names_another,
        max(counted.hit_count) over (partition by counted.run_no) as most_hits,
    from counted
    inner join runs using (run_no)
    left join outer_names using (run_no, outer_path)
    left join folder_names using (run_no)
)

select * from final
