{% set rule = 'PROJECT_UNINDEXED' %}
with subjects as (
    select
        coverage.*,
        pointers.pointer_kind,
        pointers.pointed_from,
        coalesce(pointers.seen_at, sources.last_crawled_at) as seen_at,
        -- A project that was never crawled is crawled first, whatever else must scan it.
        coverage.scan_source = 'crawl'
        or (coverage.last_crawled_at is null and pointers.path is not null) as is_for_crawl,
        -- The submodules of a copy are those of its original.
        copies.original_project_path as pointed_original,
    from {{ ref('int_coverage__project_sources') }} as coverage
    left join {{ ref('int_structure__pointers') }} as pointers
        on pointers.path = coverage.project_path
    left join {{ ref('int_coverage__project_sources') }} as sources
        on sources.project_path = pointers.pointed_from
        and sources.scan_source = coverage.scan_source
    left join {{ ref('int_mirrors__mirrors') }} as copies
        on copies.mirror_path = pointers.pointed_from
        and copies.original_project_path <> pointers.pointed_from
),

final as (
    select
        'PROJECT_UNINDEXED' as gap_type,
        project_id,
        project_path,
        scan_source as subject,
        case
            when is_gone or kind = 'loose_files' then 'not_applicable'
            when last_scanned_at is null then 'fail'
            else 'pass'
        end as verdict,
        case
            when pointed_original is not null then 0
            else {{ stake(
                'coalesce(files_eligible, ' ~ threshold(rule, 'unknown_size') ~ ')', rule
            ) }}
        end as stake,
        case
            when pointer_kind is null then {{ threshold(rule, 'confidence') }}
            else {{ threshold(rule, 'confidence_of_a_pointer') }}
        end as confidence_ratio,
        {{ json_object([
            'scan_source', 'pointer_kind', 'pointed_from', 'files_eligible',
        ]) }} as evidence,
        case
            when is_for_crawl then coalesce(pointer_kind, 'not_entered')
            when files_eligible = 0 then 'nothing_to_scan'
            else 'never_scanned'
        end as situation,
        case when not is_for_crawl then scan_source end as scan_source,
        {{ json_object([
            ('pointer_name', last_part('pointed_from')),
            ('pointed_original', 'coalesce(pointed_original, pointed_from)'),
        ]) }} as text_values,
        -- Only the pointer is known, so the facts are as old as the crawl that saw it.
        seen_at is null and not is_for_crawl as is_from_crawl,
        seen_at as facts_at,
        scan_run_id as run_id,
    from subjects
)

select * from final
