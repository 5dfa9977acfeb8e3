select
    * replace ({{ believed('happened_at') }} as happened_at),
from ({{ landed('waiver_events') }})
-- Accepted warnings of a refresh are of no rule.
where gap_type <> 'WARNING'
