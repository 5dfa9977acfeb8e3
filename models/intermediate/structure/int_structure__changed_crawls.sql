{{ config(materialized='ephemeral') }}
-- one row per crawl that landed folders or repositories; most find nothing new
select run_seq, run_id, landed_at from {{ ref('stg_crawl__directories') }}

union

select run_seq, run_id, landed_at from {{ ref('stg_crawl__repositories') }}
