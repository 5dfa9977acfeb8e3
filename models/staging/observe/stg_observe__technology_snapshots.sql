{{ config(materialized='ephemeral') }}
-- Two publications at the same time may land the same snapshot: the first one counts.
select
    * replace (
        {{ believed('observed_at') }} as observed_at
    ),
from ({{ landed('technology_snapshots') }})
qualify row_number() over (partition by project_id, snapshot_id order by run_seq) = 1
