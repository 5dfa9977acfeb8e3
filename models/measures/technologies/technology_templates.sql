with templates as (
    select * from {{ ref('project_templates') }}
),

final as (
    select
        identifier,
        category,
        version,
        'seeds/project_templates.csv' as source,
        {{ json_object([
            ('technologies', "string_split(technologies, ';')"),
            ('files', "string_split(files, ';')"),
        ]) }} as template,
        cast(null as varchar) as metadata,
        sha256(template) as checksum,
    from templates
)

select * from final
