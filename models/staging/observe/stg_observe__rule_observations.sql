select
    * replace (
        {{ believed('observed_at') }} as observed_at
    ),
from ({{ landed('rule_observations') }})
