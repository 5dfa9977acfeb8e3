"""Which version was published before this one: a published file holds that, so that its readers can
ask what changed since.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from loaders.base.engine_paths import plain_path
from loaders.zone.commit_log import LogEntry

# The table macro that a published file has for its readers.
MACRO = "published_before"


class Previous(NamedTuple):
    """The version before: how far it had read the log, and the run with what it was first to see.

    These two say exactly which changes it did not have, whatever any clock says. If the version is
    lost, the last memory of the landing zone takes its place.
    """

    version: int | None
    as_of: datetime
    landed_up_to: int
    recorded_run_id: str | None


def previous_of(note: Mapping[str, Any], runs: Sequence[tuple[str, str]]) -> Previous | None:
    """Return what the *note* of a version says; None if it was built over another zone.

    *runs* are the ids and actions of the runs in the log, in its order.
    """
    try:
        landed_up_to = int(note["landed_up_to"])
        read = runs[landed_up_to - 1][0] if landed_up_to else None
        if note.get("landed_last", read) != read:
            return None
        return Previous(
            int(note["generation"]),
            datetime.fromisoformat(note["as_of"]),
            landed_up_to,
            note["recorded_run_id"]
            if "recorded_run_id" in note
            else _first_observation(runs[landed_up_to:]),
        )
    except (KeyError, IndexError, TypeError, ValueError):
        return None


def _first_observation(later: Sequence[tuple[str, str]]) -> str | None:
    """Return the run that a version of older code landed, whose note does not name it."""
    return next((run_id for run_id, action in later if action == "observe"), None)


def _last_memory(entries: Sequence[LogEntry]) -> Previous | None:
    last = next((entry for entry in reversed(entries) if entry.action == "observe"), None)
    if last is None:
        return None
    return Previous(None, last.ended_at, last.seq, None)


def remember_previous(
    draft: Path, note: Mapping[str, Any] | None, entries: Sequence[LogEntry]
) -> None:
    """Write into *draft* which version it follows, by the *note* of that version."""
    runs = [(entry.run_id, entry.action) for entry in entries]
    previous = (previous_of(note, runs) if note else None) or _last_memory(entries)
    with duckdb.connect(plain_path(draft)) as db:
        db.execute(
            f"create table internal.{MACRO} (version bigint, as_of timestamp, landed_up_to bigint,"
            f" recorded_run_id varchar);"
            f"create macro main.{MACRO}() as table from internal.{MACRO}"
        )
        if previous:
            db.execute(f"insert into internal.{MACRO} values (?, ?, ?, ?)", list(previous))
        db.execute("checkpoint")
