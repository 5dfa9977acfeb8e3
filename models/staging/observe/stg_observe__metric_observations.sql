{{ config(materialized='ephemeral') }}
{{ landed('metric_observations') }}
