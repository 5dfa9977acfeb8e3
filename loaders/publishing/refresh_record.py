"""How far the last refresh got: its roots, the steps that ended, and its end.

`refresh.json` beside the build database. It is written after each step, so that a refresh that was
broken off can continue with the steps that are left. It is not a fact, and never landed.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from loaders.base import clock
from loaders.base.paths import Locations, bytes_of, text_of
from loaders.base.sealed import read_file
from loaders.publishing.builds import has_published_since

BUILD = "build"
# The outcome of a refresh that found nothing new begins with this.
NOTHING_NEW = "nothing to build"
_MOST_BYTES = 16 << 20


@dataclass
class RefreshRecord:
    """The last refresh. `roots` has exclude profile → the texts of paths."""

    zone_id: str
    began_at: str
    roots: dict[str, list[str]]
    is_named: bool
    done: list[str] = field(default_factory=list)
    # The step that had begun and not ended.
    under_way: str | None = None
    ended_at: str | None = None
    exit_code: int | None = None
    outcome: str | None = None

    def has_published(self, where: Locations) -> bool:
        """Say whether nothing is left of it, even if it was killed before it could record that."""
        if self.exit_code is not None:
            return self.exit_code == 0
        return self.under_way == BUILD and has_published_since(
            where, record_path(where).stat().st_mtime_ns
        )

    @property
    def found_nothing_at(self) -> datetime | None:
        """When it ended, if it found nothing new."""
        is_so = self.exit_code == 0 and (self.outcome or "").startswith(NOTHING_NEW)
        return datetime.fromisoformat(self.ended_at) if is_so and self.ended_at else None

    def root_bytes(self) -> dict[str, list[bytes]]:
        return {profile: [*map(bytes_of, paths)] for profile, paths in self.roots.items()}

    @contextlib.contextmanager
    def step(self, where: Locations, name: str) -> Iterator[None]:
        """Record that the step *name* begins; the next step records that this one has ended."""
        self.under_way = name
        self._write(where)
        yield
        self.done.append(name)
        self.under_way = None

    def end(self, where: Locations, exit_code: int, outcome: str | None) -> None:
        """Record the end; a disk that is too full for the record leaves the refresh unended."""
        self.ended_at = clock.now().isoformat(timespec="seconds")
        self.exit_code, self.outcome = exit_code, outcome
        with contextlib.suppress(OSError):
            self._write(where)

    def _write(self, where: Locations) -> None:
        # Not flushed to disk, which would cost each step more than what a power cut could lose.
        path = record_path(where)
        draft = path.with_name(f"{path.name}.{os.getpid():08x}.draft")
        draft.write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")
        os.replace(draft, path)


def new_record(
    zone_id: str, roots: Mapping[str, Sequence[bytes]], *, is_named: bool
) -> RefreshRecord:
    """Return the record of a refresh that begins now."""
    texts = {profile: [*map(text_of, paths)] for profile, paths in roots.items()}
    return RefreshRecord(zone_id, clock.now().isoformat(timespec="seconds"), texts, is_named)


def last_refresh(where: Locations) -> RefreshRecord | None:
    """Return the record of the last refresh; None if there is none that can be read."""
    try:
        found: dict[str, Any] = json.loads(read_file(record_path(where), at_most=_MOST_BYTES))
        record = RefreshRecord(**found)
        record.root_bytes()
        return record if isinstance(record.done, list) else None
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        return None


def record_path(where: Locations) -> Path:
    return where.work_folder / "refresh.json"
