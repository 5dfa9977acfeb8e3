{{ config(materialized='ephemeral') }}
-- one row per project and other project that its manifests need
select distinct project_id, provider_project_id
from {{ ref('int_dependencies__matched') }}
where provider_project_id <> project_id
