"""The moments that reports name, in UTC."""

from __future__ import annotations

from datetime import UTC, datetime


def moment_of(text: str | None, *, is_utc: bool = False) -> datetime | None:
    """Return the moment of an ISO 8601 *text*, naive and in UTC.

    None if it is absurd, or without its zone, unless the format says that it *is_utc*.
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
