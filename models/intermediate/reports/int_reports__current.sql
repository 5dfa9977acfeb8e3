{{ config(materialized='ephemeral') }}
select * from {{ ref('int_reports__states') }}
where is_current
