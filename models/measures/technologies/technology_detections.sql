with detected as (
    select * from {{ ref('int_technologies__detected') }}
),

-- A version is that of the technology itself: not that of a plugin, and not one of a pipeline.
shown as (
    select
        project_id,
        technology_name,
        technology_type,
        {{ as_json_text("list(struct_pack(
            kind := kind, pattern := pattern, weight := round(weight * factor, 3),
            places := places, place_count := place_count
        ) order by weight * factor desc, kind, of_what, pattern, factor)") }} as evidence,
        min_by(
            struct_pack(
                version := version,
                place := version_place,
                source := case
                    when kind in ('dependency', 'plugin') then 'manifest'
                    when kind = 'runtime' and not regexp_matches(of_what, 'version|toolchain')
                        then 'manifest'
                    else 'file'
                end
            ),
            (
                kind not in ('dependency', 'plugin'),
                -weight * factor,
                length(version_place),
                version_place
            )
        ) filter (
            where version is not null and kind <> 'action' and weight >= 0.9
            and not regexp_matches(pattern, '[*?\[]')
        ) as known,
        max(source_run_id) as source_run_id,
    from {{ ref('int_technologies__evidence') }}
    group by project_id, technology_name, technology_type
),

projects as (
    select project_id, project_path from {{ ref('projects') }}
    where not is_gone
),

commands as (
    select * from {{ ref('int_technologies__commands') }}
),

final as (
    select
        {{ hash_id([
            'detected.project_id', 'detected.technology_name', 'detected.technology_type',
        ]) }} as detection_id,
        detected.project_id,
        projects.project_path,
        detected.technology_name,
        detected.technology_type,
        coalesce(technologies.category, 'language') as category,
        cast(detected.confidence as double) as confidence_ratio,
        shown.known.version as version,
        shown.known.source as version_source,
        shown.known.place as version_place,
        shown.evidence,
        {% for action in ['install', 'build', 'test', 'dev'] -%}
        coalesce(
            technologies.runner || ' ' || commands.{{ action }}_name,
            technologies.{{ action }}_command
        ) as {{ action }}_command,
        {% endfor -%}
        {{ as_json_text("list_filter([
            case when commands.install_name is not null then 'install' end,
            case when commands.build_name is not null then 'build' end,
            case when commands.test_name is not null then 'test' end,
            case when commands.dev_name is not null then 'dev' end
        ], lambda action: action is not null)") }} as declared_commands,
        technologies.output_directory,
        ltrim(commands.folder, '/') as command_folder,
        shown.source_run_id,
    from detected
    inner join projects using (project_id)
    inner join shown using (project_id, technology_name, technology_type)
    left join {{ ref('technologies') }} as technologies using (technology_name, technology_type)
    left join commands
        on commands.project_id = detected.project_id
        and commands.format = technologies.declared_in
)

select * from final
