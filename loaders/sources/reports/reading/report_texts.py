"""Texts and times of reports, as they are kept."""

from __future__ import annotations

from datetime import UTC, datetime

# Of a longer text, the beginning is kept: a message is for people, and a list of them stays small.
LONGEST_TEXT = 4_000
_CUT = " …"


def shortened(text: str | None) -> str | None:
    """Return *text*, or the beginning of a long one."""
    if text is None or len(text) <= LONGEST_TEXT:
        return text
    return text[: LONGEST_TEXT - len(_CUT)] + _CUT


def utc_of(text: str | None, *, is_utc: bool = False) -> datetime | None:
    """Return a time in ISO 8601 as naive UTC; None if it is none, or does not say its zone.

    If *is_utc*, the format defines that a time without a zone is in UTC.
    """
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
        if moment.tzinfo is None:
            return moment if is_utc else None
        return moment.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None
