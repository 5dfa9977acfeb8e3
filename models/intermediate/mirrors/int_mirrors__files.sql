with files as (
    select
        path,
        directory_path,
        name,
        sha256,
        project_path,
        file_kind,
        coalesce(is_tracked, false) as is_tracked,
        -- common to unrelated projects: settings, build files, licences, tiny files
        file_kind in ('ci', 'build', 'generated')
        or (file_kind = 'config' and not contains(file_path, '/'))
        or starts_with(name, '.')
        or contains('/' || file_path, '/.github/')
        or name in ('Makefile', 'requirements.txt')
        or regexp_matches(
            name,
            '^(?i:licen[cs]e|unlicense|copying|notice|contributing|code_of_conduct|security)\b'
        )
        or size_bytes < {{ threshold('DUPLICATE_MIRROR_CONTENT', 'min_content_bytes') }}
            as is_boilerplate_here,
    from {{ ref('int_files__current') }}
    -- A build leaves copies of the source in folders that are ignored.
    where sha256 is not null and size_bytes > 0 and not coalesce(is_ignored, false)
),

-- content that a repository has many times is a stub
repeated as (
    select sha256
    from files
    where is_tracked
    group by project_path, sha256
    having count(*) > {{ threshold('DUPLICATE_MIRROR_CONTENT', 'max_copies_in_project') }}
),

boilerplate as (
    select sha256 from repeated

    union

    select sha256 from files
    where is_boilerplate_here
),

repeated_here as (
    select directory_path, sha256, count(*) as copies
    from files
    group by directory_path, sha256
    having count(*) > 1
),

-- Content weighs the same everywhere; repeated content of a directory counts once.
final as (
    select
        files.path,
        files.directory_path,
        files.name,
        files.sha256,
        files.file_kind,
        files.is_tracked,
        case
            when boilerplate.sha256 is null then 1.0
            else {{ threshold('DUPLICATE_MIRROR_CONTENT', 'boilerplate_weight') }}
        end / coalesce(repeated_here.copies, 1) as weight,
    from files
    left join boilerplate using (sha256)
    left join repeated_here
        on repeated_here.directory_path = files.directory_path
        and repeated_here.sha256 = files.sha256
)

select * from final
