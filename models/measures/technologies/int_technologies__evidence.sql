with marks as (
    select *, null as version from {{ ref('int_technologies__file_marks') }}
    union all by name
    select * from {{ ref('int_technologies__manifest_marks') }}
    union all by name
    select *, null as version from {{ ref('int_technologies__language_marks') }}
    union all by name
    select *, null as version from {{ ref('int_technologies__import_marks') }}
),

settings as (
    {{ settings_of('technology_settings', ['dev_factor', 'docs_factor', 'most_places']) }}
),

-- Evidence in tests, and in what programs wrote, counts fully or not at all: a fixture does not
-- make a technology, a lock file does.
weighed as (
    select
        marks.*,
        case marks.place
            when 'own' then 1
            when 'tests' then 1
            when 'generated' then 1
            when 'dev' then case when marks.counts_in_dev then 1 else settings.dev_factor end
            else case when marks.counts_in_docs then 1 else settings.docs_factor end
        end as factor,
        settings.most_places,
    from marks
    cross join settings
    where
        (marks.place <> 'tests' or marks.counts_in_tests)
        and (marks.place <> 'generated' or marks.counts_in_generated)
),

-- one row per project, technology, piece of evidence and factor
final as (
    select
        project_id,
        technology_name,
        technology_type,
        kind,
        of_what,
        pattern,
        weight,
        factor,
        list_transform(
            list_sort(list(distinct row(length(file_path), file_path)))[1:cast(most_places as int)],
            lambda place: place[2]
        ) as places,
        count(distinct file_path) as place_count,
        min_by(version, (length(file_path), file_path, version)) as version,
        min_by(file_path, (length(file_path), file_path, version))
        filter (where version is not null) as version_place,
        max(run_id) as source_run_id,
    from weighed
    group by
        project_id, technology_name, technology_type, kind, of_what, pattern, weight, factor,
        most_places
)

select * from final
