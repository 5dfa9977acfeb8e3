{{ config(materialized='ephemeral') }}
-- one row per seed that rules may be judged by besides their thresholds: a digest of what is in it
{% for name in [
    'manifest_files',
    'file_kinds',
    'file_kind_rules',
    'file_languages',
    'codegraphx_scope',
    'role_words',
    'role_modules',
    'role_calls',
    'role_signal_weights',
    'role_settings',
    'role_overrides',
] %}
select
    '{{ name }}' as seed_name,
    {{ rows_digest('seed_rows') }} as digest,
from {{ ref(name) }} as seed_rows
{{ 'union all' if not loop.last }}
{%- endfor %}
