"""A restore and all that lands or reads exclude each other, before and after a kill.

While it runs, a restore holds two locks of the zone that every run and every reader share. Before
it changes anything it leaves a mark, which it takes away when it has ended by itself: a zone with a
mark and without a holder of the locks is half restored, and nothing lands in it or reads it.
"""

from __future__ import annotations

import contextlib
import os
import shlex
from collections.abc import Iterator
from pathlib import Path

from loaders.base import clock
from loaders.base.errors import LandingError
from loaders.base.locks import Busy, is_held, lock_in
from loaders.base.sealed import flush_directory, read_file, replace_durably, seal, unseal

MARK = "restoring.json"
# The names of locks: one is shared by all that lands, the other by all that reads landed files.
RESTORED = "landing"
READ = "landed files"


@contextlib.contextmanager
def alone_in(zone: Path) -> Iterator[None]:
    """Keep every run and every reader out of *zone* while the block lasts. Raises Busy."""
    with lock_in(zone, RESTORED, "restore"), lock_in(zone, READ, "restore"):
        yield


@contextlib.contextmanager
def marked(zone: Path, source: Path, zone_id: str, scratch: Path) -> Iterator[None]:
    """Mark *zone*, by way of *scratch*, as half restored from *source* until the block has ended
    well.

    Raises LandingError if another backup was not restored to its end here.
    """
    before = _mark(zone)
    if before.get("zone_id", zone_id) != zone_id:
        raise LandingError(
            f"{zone}: {_interruption(before)}, a backup of another landing zone; {_REMEDY}"
        )
    note = {
        "zone_id": zone_id,
        "source": os.fsencode(source).decode("utf-8", "backslashreplace"),
        "started_at": clock.now().isoformat(timespec="seconds"),
    }
    replace_durably(zone / MARK, seal(note), scratch)
    yield
    (zone / MARK).unlink()
    flush_directory(zone)


def refuse_half_restored(zone: Path) -> None:
    """Raise Busy while *zone* is restored, LandingError if a restore was interrupted."""
    if not os.path.lexists(zone / MARK):
        return
    note = _mark(zone)
    for name in (RESTORED, READ):
        lock = lock_in(zone, name, "restore")
        if is_held(lock.path):
            raise Busy(f"{zone}: a restore is already under way; wait for it to end")
    if os.path.lexists(zone / MARK):
        raise LandingError(f"{zone}: {_interruption(note)}; {_REMEDY}")


def half_restored(zone: Path) -> str | None:
    """Return the line about a restore that has not ended in *zone*, or None."""
    try:
        refuse_half_restored(zone)
    except (Busy, LandingError) as error:
        return str(error)
    return None


_REMEDY = f"run it again to its end (to continue without it, delete {MARK} there)"


def _interruption(note: dict[str, str]) -> str:
    source = shlex.quote(note.get("source") or "DIR")
    return f"a restore was interrupted: enrich restore {source}"


def _mark(zone: Path) -> dict[str, str]:
    """Return the content of the mark, nothing if it is missing or damaged."""
    try:
        return unseal(read_file(zone / MARK))
    except (OSError, ValueError, TypeError, RecursionError):
        return {}
