"""Moments in reports, as naive UTC."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from loaders.base.clock import parse_naive_utc

_ZONE = re.compile(r"(?:Z|[+-]\d\d:?\d\d)\Z", re.IGNORECASE)
# Python takes at most six digits of a second.
_FRACTION = re.compile(r"(\.\d{6})\d+")


def utc_moment(text: Any) -> datetime | None:
    """Return an ISO 8601 moment in UTC; None if it is not one, or does not say its zone."""
    if not isinstance(text, str) or len(text) > 64 or not _ZONE.search(text):
        return None
    try:
        return parse_naive_utc(_FRACTION.sub(r"\1", text.strip()))
    except ValueError:
        return None
