"""Registered sources: what a refresh lands again, as the newest events in the landing zone have it.

A `root` is crawled, by the exclude profile beside it; `codegraphx` and `catalog` are paths of
artifacts; a `map_prefix` is the key of a folder as artifacts name it, with its path here beside it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from loaders.base import programs
from loaders.base.errors import LandingError
from loaders.base.paths import bytes_of
from loaders.zone.landed_rows import ReadableZone, rows_in_order
from loaders.zone.tables import SOURCE_EVENTS

ROOT = "root"


@dataclass(frozen=True)
class Registered:
    """One registered source of facts."""

    kind: str
    path: str
    profile: str

    @property
    def path_bytes(self) -> bytes:
        return bytes_of(self.path)


def registered_sources(zone: ReadableZone, *kinds: str) -> list[Registered]:
    """Return what is registered now, of *kinds* or of all, sorted by kind and path."""
    events = rows_in_order(zone, SOURCE_EVENTS)
    newest = {
        (event["kind"], event["path"]): event
        for event in events
        if not kinds or event["kind"] in kinds
    }
    return [
        Registered(row["kind"], row["path"], row["profile"])
        for _, row in sorted(newest.items())
        if row["event"] == "added"
    ]


def keep_roots_out(zone: ReadableZone, given: Iterable[bytes] = ()) -> None:
    """Let no program be found in a registered root, nor in one of the *given* ones.

    If what is registered cannot be read, programs come from the system's own folders only.
    """
    try:
        files = (file for entry in zone.entries() for file in entry.files)
        events = tuple(file.path for file in files if file.table == SOURCE_EVENTS)
        registered = _registered_roots(zone, events)
    except (LandingError, OSError, ValueError):  # Arrow's own errors are among them
        registered = [b"/"]
    programs.keep_out([*registered, *given])


@cache
def _registered_roots(zone: ReadableZone, events: tuple[Path, ...]) -> list[bytes]:
    """Return the registered roots; read once for the same *events*, since every run asks."""
    return [source.path_bytes for source in registered_sources(zone, ROOT)]
