{{ config(materialized='ephemeral') }}
select
    * replace (
        {{ believed('week_start', "cast(date_trunc('week', landed_at) as date)") }} as week_start,
        {{ believed('observed_at') }} as observed_at
    ),
from ({{ landed('metric_observations') }})
