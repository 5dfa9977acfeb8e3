{{ config(materialized='ephemeral') }}
select
    * replace (
        {{ believed('observed_at') }} as observed_at
    ),
from ({{ landed('technology_snapshots') }})
