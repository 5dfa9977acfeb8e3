{{ config(materialized='ephemeral') }}
-- One row per seed with the checksum of its file, which dbt computes when it parses, and the digest
-- of its configured rows.
{% for node in graph.get('nodes', {}).values() if execute and node.resource_type == 'seed' -%}
select
    '{{ node.name }}' as seed_name,
    '{{ node.checksum.checksum ~ configured_digest(node.name) }}' as digest
union all
{% endfor -%}
select '' as seed_name, '' as digest where false
