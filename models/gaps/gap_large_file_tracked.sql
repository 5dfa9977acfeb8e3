{% set rule = 'LARGE_FILE_TRACKED' %}
{% set least = threshold(rule, 'min_bytes') %}
with checkouts as (
    select path from {{ ref('int_mirrors__work_trees') }}
    where is_linked or is_submodule
),

final as (
    select
        'LARGE_FILE_TRACKED' as gap_type,
        project_id,
        project_path,
        project_path as subject,
        case
            when is_gone or vcs = 'none' or is_bare or project_path in (select path from checkouts)
                then 'not_applicable'
            when crawl_age_days is null then 'unknown'
            when large_files > 0 then 'fail'
            when not has_tracked_files and repository_state <> 'empty' then 'unknown'
            else 'pass'
        end as verdict,
        {{ stake('large_bytes', rule) }} as stake,
        {{ json_object([
            'large_files', 'large_bytes', ('min_bytes', 'cast(' ~ least ~ ' as bigint)'), 'largest',
        ]) }} as evidence,
        {{ json_object([
            ('least', megabytes(least)),
            ('named', "array_to_string(list_transform(largest[1:3], lambda one: one.path || ' ('"
                ~ " || " ~ megabytes('one.size_bytes') ~ " || ')'), ', ')"),
        ]) }} as text_values,
        true as is_from_crawl,
        cast(null as timestamp) as facts_at,
        cast(null as varchar) as run_id,
    from {{ ref('int_files__project_measures') }}
    left join {{ ref('int_files__large') }} using (project_id)
)

select * from final
