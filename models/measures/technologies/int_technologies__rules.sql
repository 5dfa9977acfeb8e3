{{ config(materialized='ephemeral') }}
-- one row per piece of evidence that shows a technology; of a language, its files do
select
    technology_name,
    technology_type,
    kind,
    of_what,
    pattern,
    weight,
    contains(coalesce(counts_in, ''), 'dev') as counts_in_dev,
    contains(coalesce(counts_in, ''), 'docs') as counts_in_docs,
    contains(coalesce(counts_in, ''), 'tests') as counts_in_tests,
    contains(coalesce(counts_in, ''), 'generated') as counts_in_generated,
from {{ ref('technology_evidence') }}
