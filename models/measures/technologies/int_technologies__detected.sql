{{ config(materialized='ephemeral') }}
with evidence as (
    select * from {{ ref('int_technologies__evidence') }}
),

settings as (
    {{ settings_of('technology_settings', ['min_confidence']) }}
),

-- The parts of evidence of one factor count as independent of each other.
by_factor as (
    select
        project_id,
        technology_name,
        technology_type,
        factor,
        1 - product(1 - weight) as strength,
    from evidence
    group by project_id, technology_name, technology_type, factor
),

confident as (
    select
        project_id,
        technology_name,
        technology_type,
        round(1 - product(1 - factor * strength), 3) as confidence,
    from by_factor
    group by project_id, technology_name, technology_type
    having confidence >= (select min_confidence from settings)
),

-- A technology gives way to others of which it has weak marks too, if they are surer.
others as (
    select technology_name, technology_type, unnest(string_split(gives_way_to, ';')) as other_name
    from {{ ref('technologies') }}
    where gives_way_to is not null
),

-- one row per project and technology that is detected
final as (
    select confident.*
    from confident
    where not exists (
        select 1
        from others
        inner join confident as surer
            on surer.technology_name = others.other_name
            and surer.project_id = confident.project_id
        where
            others.technology_name = confident.technology_name
            and others.technology_type = confident.technology_type
            and surer.confidence > confident.confidence
    )
)

select * from final
