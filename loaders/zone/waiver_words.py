"""Words in the landed table `waiver_events` that no seed has."""

from __future__ import annotations

# In the place of a rule: the waiver is of a warning of a refresh, and no build reads it.
WARNING = "WARNING"
# In the place of a reason: the waiver is withdrawn.
WITHDRAWN = "withdrawn"
