"""One value as text: for programs, and for people."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from loaders.base.paths import clean_text


def plain(value: Any) -> Any:
    """Return *value* in the types of JSON: numbers, text, lists, objects; naive times are UTC."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (Decimal, float)):
        number = float(value)
        return number if math.isfinite(number) else None
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
    if isinstance(value, (float, Decimal)):
        return f"{value:.3f}".rstrip("0").rstrip(".") if math.isfinite(value) else "-"
    value = plain(value)
    return clean_text(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def rounded(value: float | None) -> int | None:
    return None if value is None else round(value)
