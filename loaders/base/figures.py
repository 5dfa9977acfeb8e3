"""Numbers, sizes and ages in the words that people read: the same everywhere."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from decimal import Decimal

from loaders.base import clock

_DECIMALS = 3


def number(value: float | Decimal) -> str:
    """Return *value* with separated thousands and at most three decimals; `-` if not finite."""
    if isinstance(value, int):
        return f"{value:,}"
    if not math.isfinite(value):
        return "-"
    rounded = f"{value:,.{_DECIMALS}f}".rstrip("0").rstrip(".")
    return "0" if rounded == "-0" else rounded


def counted(count: int, noun: str, plural: str | None = None) -> str:
    """Return *count* and its noun: `1 file`, `2,000 files`."""
    return f"{count:,} {noun if count == 1 else plural or plural_of(noun)}"


def plural_of(noun: str) -> str:
    """Return the regular plural of an English noun, by its end."""
    if re.search(r"[^aeiou]y$", noun):
        return f"{noun[:-1]}ies"
    return f"{noun}es" if re.search(r"(?:s|x|ch|sh)$", noun) else f"{noun}s"


def percent(ratio: float) -> str:
    """Return a ratio in per cent; 100 % and 0 % only if they are exact."""
    rounded = round(100 * ratio)
    if rounded == 100 and ratio < 1:
        rounded = 99
    if rounded == 0 and ratio > 0:
        return "less than 1 %"
    return f"{rounded} %"


def size(count: int) -> str:
    """Return a number of bytes in its largest unit."""
    amount = float(count)
    if abs(amount) < 1000:
        return counted(count, "byte")
    for unit in ("kB", "MB", "GB"):
        amount /= 1000
        if abs(amount) < 999.5:
            return f"{amount:.0f} {unit}"
    return f"{amount / 1000:,.1f} TB"


def seconds_since(moment: datetime) -> int:
    """Return the seconds since *moment* (naive: UTC); 0 if it is in the future."""
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return max(0, int((clock.now() - moment).total_seconds()))


def days_since(moment: datetime) -> int:
    """Return the days from the date of *moment* (naive: UTC) to today; 0 if it is in the future.

    Counted as the macro `age_days` of the models does.
    """
    day = moment.date() if moment.tzinfo is None else moment.astimezone(UTC).date()
    return max(0, (clock.now().date() - day).days)


def age(moment: datetime) -> str:
    """Return how long ago *moment* was, in its largest unit."""
    return duration(seconds_since(moment))


def duration(seconds: float) -> str:
    """Return a time span in its largest unit."""
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= length:
            return counted(int(seconds // length), unit)
    return "less than a minute"
