{% set rule = 'ABANDONED_PROJECT' %}
with final as (
    select
        'ABANDONED_PROJECT' as gap_type,
        project_id,
        project_path,
        project_path as subject,
        case
            when is_gone or kind = 'loose_files' or direct_dependants is null then 'not_applicable'
            when crawl_age_days is null then 'unknown'
            when lifecycle <> 'unstated' then 'fail'
            when idle_days >= {{ threshold(rule, 'min_idle_days') }} then 'fail'
            when idle_days is null then 'unknown'
            else 'pass'
        end as verdict,
        {{ stake('direct_dependants', rule) }} as stake,
        -- A clone that was not updated for years also looks idle.
        {{ threshold(rule, 'confidence') }} - case
            when lifecycle <> 'unstated' then 0 else {{ threshold(rule, 'discount_if_only_idle') }}
        end as confidence_ratio,
        {{ json_object([
            'lifecycle', ('newest_commit_at', "strftime(newest_commit_at, '%Y-%m-%d %H:%M:%S')"),
            'idle_days', ('min_idle_days', threshold(rule, 'min_idle_days')), 'direct_dependants',
            'needed_by',
        ]) }} as evidence,
        case when lifecycle <> 'unstated' then 'stated' end as situation,
        {{ json_object([
            ('newest_commit_on', 'cast(newest_commit_at as date)'),
            ('needed_here', counted('direct_dependants', 'project here needs it',
                'projects here need it')),
            ('named', "array_to_string(needed_by[1:3], ', ')"),
        ]) }} as text_values,
        true as is_from_crawl,
        cast(null as timestamp) as facts_at,
        cast(null as varchar) as run_id,
    from {{ ref('int_files__project_measures') }}
    left join {{ ref('int_dependencies__needed') }} using (project_id)
)

select * from final
