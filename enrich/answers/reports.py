"""Values of reports of other tools, as people read them."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any


def percent(ratio: float | None) -> str | None:
    """Return a ratio as whole percents: only all is 100, and only nothing is 0."""
    if ratio is None:
        return None
    whole = math.floor(100 * ratio)
    return f"{max(whole, 1) if ratio > 0 else 0} %"


def names_in(column: str) -> Callable[[Mapping[str, Any]], str | None]:
    """Return a function from a row to the names in the JSON list of one of its columns."""

    def names(row: Mapping[str, Any]) -> str | None:
        return ", ".join(one for one in json.loads(row[column] or "[]") if one) or None

    return names
