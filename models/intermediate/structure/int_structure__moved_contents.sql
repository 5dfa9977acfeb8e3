{{ config(materialized='ephemeral') }}
-- Without a commit, the content decides whether a folder is the one that left.
with turns as (
    select * from {{ ref('int_structure__turns') }}
    where head_commit is null
),

crawls as (
    select distinct run_seq from turns
),

directories as (
    select
        path,
        run_seq,
        state = 'gone' as has_left,
        unnest({{ ancestors('path') }}) as above_path,
    from {{ ref('stg_crawl__directories') }}
    where run_seq in (select run_seq from crawls)
),

-- each folder in such a place, and the length of the path of the place
folders as (
    select
        turns.path as place,
        turns.run_seq,
        turns.has_left,
        directories.path as directory_path,
    from directories
    inner join turns
        on turns.run_seq = directories.run_seq
        and turns.has_left = directories.has_left
        and turns.path = directories.above_path
),

-- what a place that was left had in it, as it was landed before
contents as (
    select
        folders.place,
        folders.run_seq,
        folders.has_left,
        substr(folders.directory_path, length(folders.place) + 1) || '/' || files.name as file_path,
        max_by(files, files.run_seq) as file,
    from folders
    inner join {{ ref('stg_crawl__files') }} as files
        on files.directory_path = folders.directory_path
        and files.run_seq <= folders.run_seq - cast(folders.has_left as integer)
    group by all
),

content as (
    select
        place,
        run_seq,
        has_left,
        file_path,
        file.sha256 as sha256,
        count(*) over (partition by place, run_seq, has_left) as file_count,
    from contents
    where file.state = 'present' and file.sha256 is not null and file.size_bytes > 0
),

-- one row per place that was left and place that has some of its files, with the share of them
final as (
    select
        content.run_seq,
        content.place as from_path,
        there.place as to_path,
        count(*) / greatest(any_value(content.file_count), any_value(there.file_count))
            as content_share,
    from content
    inner join content as there
        on there.run_seq = content.run_seq
        and there.file_path = content.file_path
        and there.sha256 = content.sha256
        and not there.has_left
    where content.has_left
    group by content.run_seq, content.place, there.place
)

select * from final
