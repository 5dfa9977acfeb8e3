"""Warnings that an earlier refresh has shown, and those that were accepted.

`warnings.json` in the work folder has the warnings of the last refresh: what was shown is not
a fact, and if the file is lost, each is shown once more. Accepting one is a decision, and lands as
a waiver (`enrich warnings accept`) whose rule is WARNING, which no build reads.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from loaders.base import clock
from loaders.base.paths import Locations
from loaders.base.sealed import read_file, replace_durably
from loaders.publishing.refresh_record import record_path
from loaders.zone.waiver_words import WARNING, WITHDRAWN

if TYPE_CHECKING:
    from loaders.zone.landing import LandingZone

_MOST_BYTES = 16 << 20


@dataclass
class Sorted:
    """The warnings of one run: those to show, and the numbers of the others."""

    new: list[str] = field(default_factory=list)
    known: int = 0
    accepted: int = 0


class KnownWarnings:
    """The warnings of the last refresh by action, compared with those of the one under way."""

    def __init__(self, where: Locations, zone: LandingZone | None = None) -> None:
        self._path = where.work_folder / "warnings.json"
        self._zone = zone
        self._before = _read(self._path)
        # Whether a refresh has ended, with warnings or without.
        self.has_refreshed = any(path.exists() for path in (self._path, record_path(where)))
        self._now: dict[str, dict[str, Any]] = {}
        self._actions: set[str] = set()

    def rows(self) -> list[dict[str, Any]]:
        """Return the warnings of the last refresh, each with `decision`, its row or None."""
        return [
            row | {"id": key, "decision": self._decision_on(row["text"])}
            for key, row in sorted(self._before.items(), key=lambda item: item[1]["text"])
        ]

    def accepted_patterns(self) -> list[str]:
        """Return the patterns of warnings that are accepted now."""
        return [row["subject_pattern"] for row in self._decisions]

    def sort(self, action: str, texts: Sequence[str], most: int) -> Sorted:
        """Return which of *texts*, the warnings of a run, to show: the new ones, at most *most*."""
        found = Sorted()
        self._actions.add(action)
        now = clock.now().isoformat(timespec="seconds")
        for text in dict.fromkeys(texts):
            key = _key(action, text)
            before = self._before.get(key) or self._now.get(key)
            if self._decision_on(text):
                found.accepted += 1
            elif before:
                found.known += 1
            elif len(found.new) < most:
                found.new.append(text)
            else:
                continue  # It is new again for the next refresh, which then shows it.
            first = before["first_seen"] if before else now
            self._now[key] = {"action": action, "text": text, "first_seen": first}
        return found

    def save(self) -> None:
        """Keep the warnings of this refresh. Those of actions that did not run stay.

        A disk that is too full costs only this.
        """
        kept = {k: row for k, row in self._before.items() if row["action"] not in self._actions}
        if (kept | self._now) != self._before:
            with contextlib.suppress(OSError):
                replace_durably(self._path, json.dumps(kept | self._now, indent=1).encode())

    def _decision_on(self, text: str) -> dict[str, Any] | None:
        return next((row for row in self._decisions if is_like(text, row["subject_pattern"])), None)

    @cached_property
    def _decisions(self) -> list[dict[str, Any]]:
        return [] if self._zone is None else accepted_warnings(self._zone, clock.now().date())


def is_like(text: str, pattern: str) -> bool:
    """Say whether *text* is *pattern*, in which `*` stands for any text."""
    parts = map(re.escape, pattern.split("*"))
    return re.fullmatch(".*".join(parts), text, re.DOTALL) is not None


def accepted_warnings(zone: LandingZone, today: date) -> list[dict[str, Any]]:
    """Return the newest decision on each pattern of warnings that is in force on *today*."""
    from loaders.zone.landed_rows import rows_in_order

    newest = {
        row["subject_pattern"]: row
        for row in rows_in_order(zone, "waiver_events")
        if row["gap_type"] == WARNING
    }
    return [
        row
        for row in newest.values()
        if row["reason"] != WITHDRAWN and (row["expires_on"] is None or row["expires_on"] >= today)
    ]


def _key(action: str, text: str) -> str:
    return hashlib.sha256(f"{action}\0{text}".encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _read(path: Path) -> dict[str, dict[str, Any]]:
    try:
        found = json.loads(read_file(path, at_most=_MOST_BYTES))
        return {
            key: {name: str(row[name]) for name in ("action", "text", "first_seen")}
            for key, row in found.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}
