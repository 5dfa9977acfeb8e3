select
    * replace (
        {{ believed('observed_at') }} as observed_at,
        {{ believed('queued_at') }} as queued_at,
        {{ believed('updated_at') }} as updated_at
    ),
from ({{ landed('action_events') }})
