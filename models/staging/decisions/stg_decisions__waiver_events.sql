select
    * replace ({{ believed('happened_at') }} as happened_at),
from ({{ landed('waiver_events') }})
