"""Events of outside programs, each a sealed file in the landing zone until the next refresh lands
it as a row.

    events/<event id>.json      written in one step; its name orders events of one process

Writing one needs neither a lock nor an engine, so that any number of processes may write at the
same time, also while a build runs. An event that cannot be read moves to `events/damaged/`.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loaders.base import clock
from loaders.base.sealed import put_if_absent, read_file, seal, unseal

FOLDER, DAMAGED = "events", "damaged"
# A larger event is refused when it is written.
LARGEST_BYTES = 1 << 20
_FORMAT = 1


class TooLarge(ValueError):
    """An event has more than LARGEST_BYTES bytes."""


@dataclass(frozen=True)
class SpooledEvent:
    """One event that no refresh has landed yet; `fault` is set if it cannot be read."""

    path: Path
    table: str = ""
    row: Mapping[str, Any] | None = None
    fault: str | None = None


def spool_event(zone: Path, table: str, row: Mapping[str, Any]) -> str:
    """Write *row* of the landed *table*, and return its event id; it outlasts a power cut.

    Its values are texts, numbers, None, and JSON texts; times are ISO 8601 texts. Raises TooLarge,
    OSError.
    """
    now = clock.now()
    event_id = f"{now:%Y%m%dT%H%M%S}{now.microsecond:06}-{secrets.token_hex(8)}"
    record = seal({"format_version": _FORMAT, "table": table, "row": {"event_id": event_id, **row}})
    if len(record) > LARGEST_BYTES:
        raise TooLarge(f"the event has {len(record):,} bytes, more than {LARGEST_BYTES:,}")
    folder = zone / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    put_if_absent(folder / f"{event_id}.json", record, scratch=folder)
    return event_id


def spooled_events(zone: Path) -> Iterator[SpooledEvent]:
    """Yield the events that wait in *zone*, in the order of their times."""
    folder = zone / FOLDER
    names: list[str] = []
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        names = sorted(name for name in os.listdir(folder) if name.endswith(".json"))
    for path in (folder / name for name in names):
        try:
            record = unseal(read_file(path, at_most=LARGEST_BYTES))
            if record["format_version"] != _FORMAT:
                raise ValueError(f"format {record['format_version']} is not known here")
            yield SpooledEvent(path, record["table"], record["row"])
        except FileNotFoundError:
            continue  # another refresh has landed it
        except (ValueError, KeyError, TypeError, RecursionError, OSError) as error:
            yield SpooledEvent(path, fault=str(error) or type(error).__name__)


def put_aside(event: SpooledEvent) -> Path:
    """Move a damaged event out of the way of refreshes, and return its new path."""
    folder = event.path.parent / DAMAGED
    folder.mkdir(mode=0o700, exist_ok=True)
    target = folder / event.path.name
    os.replace(event.path, target)
    return target
