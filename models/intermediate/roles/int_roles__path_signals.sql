with files as (
    select distinct
        name,
        regexp_replace(file_path, '/?[^/]*$', '') as folder,
        file_kind,
    from {{ ref('int_files__current') }}
    where is_own and language in (
        select language from {{ ref('file_languages') }} where file_kind = 'source'
    )
),

families as (
    select word, family from {{ ref('role_words') }}
),

texts as (
    select distinct
        'name' as place,
        name as text,
        regexp_replace(name, '(.)\.[^.]*$', '\1') as words,
    from files

    union all

    select distinct 'folder' as place, folder as text, folder as words
    from files
),

-- one row per name, and per folder of a path: level 0 is the folder of the file, 1 the one above
parts as (
    select
        place,
        text,
        unnest(list_reverse(string_split(words, '/'))) as part,
        unnest(range(len(string_split(words, '/')))) as level,
    from texts
),

-- Folders further up are about the project, not about the file.
split as (
    select place, text, level, {{ words_of('part') }} as words
    from parts
    where level < {{ role_setting('path_folders') }}
),

words as (
    select
        place,
        text,
        level,
        unnest(words) as word,
        unnest(range(1, len(words) + 1)) as position,
        len(words) as word_count,
    from split
),

known as (
    select
        words.*,
        families.family,
        case
            when words.place = 'name' then 'stem: '
            when words.level = 0 then 'folder: '
            else 'folders above: '
        end as prefix,
    from words
    inner join families using (word)
),

-- one row per name, folder or kind of file and signal that it gives
final as (
    select place, text, prefix || family as signal
    from known

    union

    select place, text, 'stem kind: ' || family as signal
    from known
    where place = 'name' and position = word_count

    union

    select place, text, 'stem verb: ' || family as signal
    from known
    where place = 'name' and position = 1

    union

    select place, text, 'stem is: ' || lower(words) as signal
    from texts
    where place = 'name'

    union

    select 'kind' as place, file_kind as text, 'file kind: ' || file_kind as signal
    from files
)

select * from final
