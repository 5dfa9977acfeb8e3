with technologies as (
    select
        technology_name, technology_type, category, rank, gives_way_to, install_command,
        build_command, test_command, dev_command, output_directory, runner, declared_in
    from {{ ref('technologies') }}

    union all by name

    select distinct
        language as technology_name, 'language' as technology_type,
        'language' as category
    from {{ ref('file_languages') }}
    where file_kind = 'source'
),

evidence as (
    select
        technology_name,
        technology_type,
        list(pattern order by pattern)
        filter (where kind = 'file' and not regexp_matches(pattern, '[*/]')) as config_files,
        list(pattern order by pattern)
        filter (where kind = 'file' and regexp_matches(pattern, '^[^/]*[*][^/]*$'))
            as file_patterns,
        list(pattern order by pattern)
        filter (where kind = 'file' and contains(pattern, '/')) as directory_patterns,
        list(of_what || ':' || pattern order by of_what, pattern)
        filter (where kind in ('dependency', 'import')) as dependency_patterns,
        max(weight) as confidence_weight,
    from {{ ref('technology_evidence') }}
    group by technology_name, technology_type
),

detections as (
    select technology_name, technology_type, count(*) as detection_count
    from {{ ref('technology_detections') }}
    group by technology_name, technology_type
),

final as (
    select
        {{ hash_id(['technology_name', 'technology_type']) }} as pattern_id,
        technology_name,
        technology_type,
        technologies.category,
        {% for kind in ['file', 'directory', 'dependency'] -%}
        {{ as_json_text("coalesce(evidence." ~ kind ~ "_patterns, [])") }} as {{ kind }}_patterns,
        {% endfor -%}
        {{ as_json_text("coalesce(evidence.config_files, [])") }} as config_files,
        cast(null as varchar) as version_pattern,
        technologies.install_command,
        technologies.build_command,
        technologies.test_command,
        technologies.dev_command,
        technologies.output_directory,
        evidence.confidence_weight,
        coalesce(detections.detection_count, 0) as detection_count,
        cast(null as double) as success_rate,
        {{ json_object([
            ('rank', 'technologies.rank'),
            ('gives_way_to', 'technologies.gives_way_to'),
            ('runner', 'technologies.runner'),
            ('declared_in', 'technologies.declared_in'),
        ]) }} as extended_metadata,
    from technologies
    left join evidence using (technology_name, technology_type)
    left join detections using (technology_name, technology_type)
)

select * from final
