{{ config(materialized='ephemeral') }}
-- The user's own rules read core tables and their own thresholds.
{% for table in core_tables() -%}
-- depends_on: {{ ref(table) }}
{% endfor -%}
-- depends_on: {{ ref('int_rules__thresholds') }}
with verdicts as (
    {{ verdicts_of(rule_models()) }}

    union all by name

    {{ own_verdicts() }}
),

moved as (
    select project_id, project_path, first_path from {{ ref('int_structure__projects') }}
    where first_path <> project_path
),

listed as (
    select unnest({{ rule_models() + rule_models(on_waivers=true) }}) as name
),

-- a rule with a row and no line in the list, or with a line and no row
incomplete as (
    select
        'a rule is a row of seeds/gap_rules.csv, a line of macros/rule_models.sql and a file: '
        || case
            when listed.name is null
                then 'add the line gap_' || lower(rules.gap_type) || ' to the list'
            else 'add a row for ' || upper(substr(listed.name, 5)) || ' to the seed'
        end as problem,
    from {{ ref('gap_rules') }} as rules
    full join listed on listed.name = 'gap_' || lower(rules.gap_type)
    where
        (listed.name is null or rules.gap_type is null)
        and coalesce(rules.gap_type, '-') not in (
            select name from {{ source('landed', 'own_rules') }}
        )
),

switched_off as (
    select gap_type from {{ ref('gap_rules') }} where severity = 'off'
),

-- one row per rule and subject, whatever the verdict; the rules on waivers judge these
final as (
    select
        {{ finding_id('verdicts', 'moved') }} as finding_id,
        {{ place_at_first('verdicts.subject', 'moved') }} as subject_at_first,
        verdicts.*,
    from verdicts
    left join moved using (project_id)
    where verdicts.gap_type not in (select gap_type from switched_off) and (
        select case when count(*) > 0 then error(min(problem)) else true end
        from incomplete
    )
)

select * from final
