with tag_sets as (
    select distinct tags from {{ ref('int_files__states') }}
    where tags is not null
),

tags_alone as (
    select
        tags,
        unnest(tags) as tag,
    from tag_sets
),

-- one row per set of tags: the language and kind of the tag with the highest precedence
final as (
    select
        tags_alone.tags,
        min_by(languages.language, languages.precedence) as language,
        min_by(languages.file_kind, languages.precedence) as file_kind,
        min_by(languages.has_inline_tests, languages.precedence) as has_inline_tests,
        min_by(languages.needs_tests, languages.precedence) as needs_tests,
        bool_or(tags_alone.tag = 'generated') as is_generated,
        bool_or(tags_alone.tag = 'test') as is_test,
        bool_or(tags_alone.tag = 'notice') as has_notice,
    from tags_alone
    left join {{ ref('file_languages') }} as languages using (tag)
    group by tags_alone.tags
)

select * from final
