with unused as (
    select * from {{ ref('int_code__unused_modules') }}
),

settings as (
    {{ code_settings([
        'unused_confidence', 'unused_in_package_confidence', 'unused_among_many_confidence',
    ]) }}
),

final as (
    select
        unused.file_id,
        unused.project_id,
        unused.project_path,
        unused.file_path,
        unused.language,
        unused.code_lines,
        case
            when unused.is_one_of_many then settings.unused_among_many_confidence
            when unused.is_packaged then settings.unused_in_package_confidence
            else settings.unused_confidence
        end as confidence_ratio,
        'no import leads here, and it is not known as an entry point' || case
            when unused.is_one_of_many
                then '; most files of the folder are alike: they may be loaded by their names'
            when unused.is_packaged then '; users of the package may import it'
            else ''
        end as reason,
        unused.source_run_id,
    from unused
    cross join settings
)

select * from final
