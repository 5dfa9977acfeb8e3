{{ config(materialized='ephemeral') }}
with file_roles as (
    select * from {{ ref('file_roles') }}
    where primary_role is not null
),

-- one row per project that has classified files
final as (
    select
        project_id,
        count(*) as classified_files,
        {% for role in roles() if role != 'none' -%}
        count(*) filter (where primary_role = '{{ role }}') as {{ role }}_files,
        {% endfor -%}
        count(*) filter (where confidence < {{ role_setting('low_confidence_below') }})
            as low_confidence_files,
        -- The last digits of a sum depend on the order of the rows.
        round(avg(confidence), 6) as mean_confidence,
        count(*) filter (
            where primary_role = 'collector'
            and confidence >= {{ role_setting('low_confidence_below') }}
        ) as sure_collector_files,
        round(avg(confidence) filter (
            where primary_role = 'collector'
            and confidence >= {{ role_setting('low_confidence_below') }}
        ), 3) as collector_confidence,
        {{ as_json_text(
            "list_transform(
                max_by(
                    struct_pack(
                        file_path := file_path, confidence := confidence, evidence := evidence
                    ),
                    (confidence, file_path),
                    10
                ) filter (where primary_role = 'collector'),
                lambda file: struct_pack(
                    file_path := file.file_path,
                    confidence := round(file.confidence, 3),
                    evidence := cast(file.evidence as json)
                )
            )"
        ) }} as top_collectors,
        max(source_run_id) as run_id,
    from file_roles
    group by project_id
)

select * from final
