{{ config(materialized='ephemeral') }}
with rules as (
    select * from {{ ref('int_technologies__rules') }}
),

-- one row per dependency or statement of a manifest that counts for its project
stated as (
    select
        path,
        'dependency' as kind,
        ecosystem as of_what,
        lower(canonical_name) as name,
        specifier as version,
        scope in ('dev', 'build') as is_dev,
        run_id,
    from {{ ref('int_dependencies__declared') }}
    where canonical_name is not null

    union all

    -- an entry of a catalogue, for the projects that ask for it
    select
        manifests.path,
        'dependency' as kind,
        entries.ecosystem as of_what,
        lower(entries.canonical_name) as name,
        entries.specifier as version,
        false as is_dev,
        entries.run_id,
    from {{ ref('int_dependencies__manifests') }} as manifests
    inner join {{ ref('int_dependencies__entries') }} as entries using (sha256, format)
    where entries.scope = 'inherited' and manifests.format in ('gradle_catalog', 'dotnet')

    union all

    select
        manifests.path,
        statements.kind,
        manifests.format as of_what,
        lower(statements.name) as name,
        statements.value as version,
        false as is_dev,
        statements.run_id,
    from {{ ref('int_dependencies__manifests') }} as manifests
    inner join {{ ref('int_dependencies__contents') }} as contents using (sha256, format)
    inner join {{ ref('stg_manifests__statements') }} as statements
        on statements.run_id = contents.run_id
        and statements.sha256 = contents.sha256
        and statements.format = contents.format
    where statements.kind <> 'command'
),

names as (
    select distinct kind, of_what, name from stated
),

named as (
    select names.of_what as stated_of, names.name, rules.*
    from rules
    inner join names
        on names.kind = rules.kind
        and (rules.of_what = 'any' or names.of_what = rules.of_what)
        and (
            {{ matches_glob('names.name', 'lower(rules.pattern)') }}
            -- a program, whatever its subcommand
            or (names.kind = 'run' and split_part(names.name, ' ', 1) = rules.pattern)
        )
),

-- one row per such entry and piece of evidence that it is
final as (
    select
        files.project_id,
        files.file_path,
        case when stated.is_dev and files.place = 'own' then 'dev' else files.place end as place,
        stated.run_id,
        named.technology_name,
        named.technology_type,
        named.kind,
        named.stated_of as of_what,
        named.pattern,
        named.weight,
        named.counts_in_dev,
        named.counts_in_docs,
        named.counts_in_tests,
        named.counts_in_generated,
        stated.version,
    from stated
    inner join named
        on named.kind = stated.kind
        and named.stated_of = stated.of_what
        and named.name = stated.name
    inner join {{ ref('int_technologies__files') }} as files using (path)
)

select * from final
