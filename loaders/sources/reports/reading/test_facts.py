"""The values that reports of tests have in common: durations, moments, messages."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache

from loaders.sources.reports.reading.report_facts import TestCase, ToolRun
from loaders.sources.reports.reading.report_rows import Rows

_NUMBER = re.compile(r"([0-9][0-9.,]*(?:[eE][+-]?[0-9]+)?)\s*(ms|s|secs?|seconds?|)")
# An English thousands separator; `0,012` has a decimal comma.
_THOUSANDS = re.compile(r"[1-9][0-9]{0,2}(,[0-9]{3})+(\.[0-9]+)?")
_CLOCK = re.compile(r"([0-9]+):([0-9]{1,2}):([0-9]{1,2}(?:\.[0-9]+)?)")
# Time stamps above are in milliseconds.
_MILLISECONDS = 100_000_000_000
_LONGEST = 100 * 365 * 86_400  # seconds
# Colours of a terminal, also as pytest writes them.
_COLOUR = re.compile(r"(?:\x1b|#x1B)\[[0-9;]*[A-Za-z]")
_FIRST_YEAR, _LAST_YEAR = 1990, 2200
_MESSAGE_LINES, _MESSAGE_LENGTH = 5, 2_000


def end_of_tests(
    rows: Rows,
    tool_name: str | None,
    version: str | None = None,
    *,
    totals: Mapping[str, object] | None = None,
    started_at: datetime | None = None,
    ended_at: datetime | None = None,
) -> None:
    """Add the run of a test runner, the only one of its report. Without a test, nothing was
    measured.
    """
    has_tests = bool(rows.count(TestCase))
    rows.add(
        ToolRun(
            tool_name,
            version,
            is_measured=None if has_tests else False,
            unmeasured_reason=None if has_tests else "no test was run",
            started_at=started_at,
            ended_at=ended_at,
            stated_totals=json.dumps(totals) if totals else None,
        )
    )


@lru_cache(10_000)
def seconds_in(text: str | None) -> float | None:
    """Return a duration such as `0.5`, `7.2e-05`, `1,234.5`, `0,5`, `10ms`, `00:00:01.5`."""
    text = (text or "").strip()
    if clock := _CLOCK.fullmatch(text):
        return sane_seconds(int(clock[1]) * 3600 + int(clock[2]) * 60 + float(clock[3]))
    match = _NUMBER.fullmatch(text)
    if match is None:
        return None
    digits = match[1]
    if _THOUSANDS.fullmatch(digits):
        digits = digits.replace(",", "")
    try:
        number = float(digits.replace(",", "."))
    except ValueError:
        return None
    return sane_seconds(number / 1000 if match[2] == "ms" else number)


def sane_seconds(seconds: float | None) -> float | None:
    """Return a duration, None if it cannot be one."""
    if seconds is None or not math.isfinite(seconds) or not 0 <= seconds <= _LONGEST:
        return None
    return seconds


@lru_cache(1_000)
def moment_in(text: str | None) -> datetime | None:
    """Return a moment in UTC, without its zone; None if it names no zone or is absurd."""
    text = (text or "").strip()
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        try:
            moment = parsedate_to_datetime(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
    return utc_of(moment)


def moment_after(seconds: object) -> datetime | None:
    """Return the moment that is *seconds* after 1970."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    if not 0 <= seconds <= (_LAST_YEAR - 1970) * 366 * 86_400:
        return None
    return utc_of(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds))


def moment_of_stamp(text: str | None) -> datetime | None:
    """Return the moment of a time stamp, in seconds or milliseconds after 1970."""
    stamp = count_in(text)
    if stamp is None:
        return None
    return moment_after(stamp / 1000 if stamp > _MILLISECONDS else stamp)


def utc_of(moment: datetime) -> datetime | None:
    """Return *moment* in UTC, without its zone; None if it has no zone or is absurd."""
    if moment.tzinfo is None or not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        return None
    return moment.astimezone(UTC).replace(tzinfo=None)


def first_lines(text: str | None) -> str | None:
    """Return the first lines of a message that have any text; None if there are none."""
    if not text:
        return None
    plain = _COLOUR.sub("", text[: 4 * _MESSAGE_LENGTH])
    lines = [line.rstrip() for line in plain.splitlines() if line.strip()]
    return "\n".join(lines[:_MESSAGE_LINES])[:_MESSAGE_LENGTH] or None


@lru_cache(10_000)
def count_in(text: str | None) -> int | None:
    """Return a count such as `12`; None if it is anything else."""
    if text is None or not text.isascii() or not text.isdigit() or len(text) > 15:
        return None
    return int(text)
