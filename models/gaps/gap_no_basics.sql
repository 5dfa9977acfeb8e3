{% set rule = 'NO_BASICS' %}
with measured as (
    select *, projects.remote_url is not null as has_remote,
    from {{ ref('int_files__project_measures') }}
    inner join {{ ref('int_structure__projects') }} as projects using (project_id, project_path)
),

final as (
    select
        'NO_BASICS' as gap_type,
        project_id,
        project_path,
        project_path as subject,
        case
            when measured.is_gone or measured.vcs = 'none' or measured.is_bare then 'not_applicable'
            when project_path in (select project_path from {{ ref('int_copies__elsewhere') }})
                then 'not_applicable'
            when crawl_age_days is null then 'unknown'
            when program_lines < {{ threshold(rule, 'min_source_lines') }} then 'not_applicable'
            -- Without a remote, a project may be only for its author.
            when has_readme and (has_license or has_license_text or not has_remote) then 'pass'
            -- A sparse checkout leaves files out, perhaps these.
            else if(files_left_out > 0, 'unknown', 'fail')
        end as verdict,
        {{ stake('program_lines', rule) }} as stake,
        {{ threshold(rule, 'confidence') }} - case
            when has_readme then {{ threshold(rule, 'discount_of_licence') }} else 0
        end as confidence_ratio,
        {{ json_object([
            'has_readme', 'has_license', 'has_remote', 'program_lines', 'own_notice_files',
        ]) }} as evidence,
        case
            when has_readme and own_notice_files > 0 then 'no_license_file'
            when has_readme then 'no_license'
            when has_license or not has_remote then 'no_readme'
        end as situation,
        true as is_from_crawl,
        cast(null as timestamp) as facts_at,
        cast(null as varchar) as run_id,
    from measured
)

select * from final
