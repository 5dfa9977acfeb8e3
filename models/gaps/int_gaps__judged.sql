{{ config(materialized='ephemeral') }}
{% set rule_names = rule_models() %}
with verdicts as (
    {% for rule in rule_names -%}
    select * from {{ ref(rule) }}
    {%- if not loop.last %}

    union all by name

    {% endif %}
    {%- endfor %}
),

-- a rule without its file, or a file without its rule; the rule on waivers judges what these here leave
halves as (
    select coalesce('gap_' || lower(rules.gap_type), files.name) as name
    from {{ ref('gap_rules') }} as rules
    full join (select unnest({{ rule_names }}) as name) as files
        on files.name = 'gap_' || lower(rules.gap_type)
    where
        (files.name is null or rules.gap_type is null)
        and rules.gap_type is distinct from 'WAIVER_NEEDS_REVIEW'
),

-- one row per rule and subject, whatever the verdict
final as (
    select
        {{ finding_id('verdicts') }} as finding_id,
        verdicts.*,
    from verdicts
    where (
        select case
            when count(*) > 0 then error(
                'a rule is a row of seeds/gap_rules.csv and a file of models/gaps; one of the two lacks for: '
                || string_agg(name, ', ' order by name)
            )
            else true
        end
        from halves
    )
)

select * from final
