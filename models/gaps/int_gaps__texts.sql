-- One row per rule and situation: the templates of its sentences and its command, from the YAML of
-- the rule (`config: meta: texts:`). A missing text of a situation falls back to the rule's, then
-- to the default.
{% set defaults = {
    'headline': '{title}: {subject_here}',
    'because': '{rationale}',
    'advice': '{remedy}',
    'command': 'enrich show {project_path}',
    'effect': 'read',
    'action_group': '',
} %}
{% set rules = rule_models() + rule_models(on_waivers=true) %}
{% for node in graph.get('nodes', {}).values() if execute and node.name in rules -%}
    {%- set texts = (node.config.meta or {}).get('texts', {}) -%}
    {%- set situations = {'': {}} -%}
    {%- do situations.update(texts.get('situations', {})) -%}
    {%- for situation, own in situations.items() %}
select
    '{{ node.name[4:] | upper }}' as gap_type,
    '{{ situation | replace("'", "''") }}' as situation,
    {%- for field, default in defaults.items() %}
    {%- set text = own.get(field, texts.get(field, default)) or '' %}
    '{{ text | trim | replace("'", "''") }}' as {{ field }},
    {%- endfor %}

union all
    {% endfor %}
{%- endfor %}
select
    name as gap_type,
    '' as situation,
    {%- for field, default in defaults.items() %}
    '{{ default }}' as {{ field }},
    {%- endfor %}
from {{ source('landed', 'own_rules') }}
