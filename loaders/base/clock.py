"""The only place that reads the current time."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Any

import click

from loaders.base.paths import clean_text


class NotATime(click.UsageError):
    """META_NOW is not a time. The error is one line, because the usage text of a command does not
    explain an environment variable.
    """

    def show(self, file: Any = None) -> None:
        click.echo(clean_text(self.message), err=True)


def now() -> datetime:
    """Return the current time in UTC, or the value of META_NOW (ISO 8601) if it is set.

    META_NOW is for tests and drills; its value is recorded in each run.
    A value that is not a time is a usage error.
    """
    pinned = os.environ.get("META_NOW")
    if not pinned:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(pinned)
    except ValueError as error:
        raise NotATime(f"META_NOW: {pinned!r} is not an ISO 8601 time: {error}") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def as_naive_utc(moment: datetime) -> datetime:
    """Return *moment* as the naive UTC timestamp that Parquet and DuckDB columns hold."""
    return moment.astimezone(UTC).replace(tzinfo=None)


def parse_naive_utc(text: str) -> datetime:
    """Return the naive UTC time of an ISO 8601 text, which is UTC without a zone.

    Raises ValueError, also if the time in UTC is before year 1 or after year 9999.
    """
    moment = datetime.fromisoformat(text)
    try:
        return as_naive_utc(moment) if moment.tzinfo else moment
    except OverflowError as error:
        raise ValueError(str(error)) from None
