"""One value as text: for programs, and for people."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from loaders.base.figures import number
from loaders.base.paths import clean_text


def plain(value: Any) -> Any:
    """Return *value* in the types of JSON: numbers, text, lists, objects; naive times are UTC."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (Decimal, float)):
        as_float = float(value)
        return as_float if math.isfinite(as_float) else None
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value).hex()
    if isinstance(value, datetime):
        return value.isoformat() + ("" if value.tzinfo else "Z")
    if isinstance(value, (date, time)):
        return value.isoformat()
    return value if value is None or isinstance(value, (bool, int, str)) else str(value)


def shown(value: Any) -> str:
    """Return *value* as text for a table: clean and short, `-` if unknown."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, (int, float, Decimal)):
        return number(value)
    value = plain(value)
    return clean_text(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


def digits(value: Any) -> str:
    """Return what `shown` does, without separators in numbers: for values of unknown meaning."""
    return shown(value).replace(",", "") if is_number(value) else shown(value)


def whole(score: float | None) -> int | None:
    """Return the whole points of a score: 84.6 is not yet the 85 of the next grade."""
    return None if score is None else math.floor(score)


def rounded(value: float | None) -> int | None:
    return None if value is None else round(value)
