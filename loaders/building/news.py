"""Whether there is anything to build: what has landed, is configured, or has passed since the
published version was built.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import pyarrow.parquet as pq

from loaders.base.digests import digest_of
from loaders.base.paths import Locations
from loaders.base.sealed import open_file
from loaders.building.plan import Plan
from loaders.publishing.moment import Moment
from loaders.publishing.published_versions import current_note
from loaders.zone.commit_log import LogEntry
from loaders.zone.landed_rows import python_rows

# A crawl that finds nothing new lands that it has looked; only these columns are then new.
_LOOKS = "crawl_roots"
_OF_THE_LOOK = ("run_id", "crawled_at")
_SETTINGS = ("seeds", "own_rules", "configured_")


def made_from(plan: Plan, moment: Moment) -> str:
    """Return a digest of all that a build depends on, apart from time and what has landed."""
    settings = sorted(
        (name, relation.digest)
        for name, relation in moment.relations.items()
        if name.startswith(_SETTINGS)
    )
    settled = {name: text for name, text in moment.variables.items() if name != "build_started_at"}
    return digest_of(plan.key, settings, sorted(settled.items()))


def unchanged_since(where: Locations, plan: Plan, moment: Moment) -> datetime | None:
    """Return when the published version was built, if a build now would make the same; else None.

    Ages count whole days, so that time alone changes nothing within a day (in UTC).
    """
    try:
        note = current_note(where)
    except OSError:
        return None
    if note is None or note.get("made_from") != made_from(plan, moment) or moment.left_out:
        return None
    built_at = datetime.fromisoformat(note["as_of"])
    later = [entry for entry in moment.entries if entry.seq > note["landed_up_to"]]
    earlier = moment.entries[: len(moment.entries) - len(later)]
    is_same = built_at.date() == moment.started_at.date() and built_at <= moment.started_at
    return built_at if is_same and not _has_news(later, earlier) else None


def _has_news(later: Sequence[LogEntry], earlier: Sequence[LogEntry]) -> bool:
    looks: dict[str, Any] = {}
    for entry in later:
        counts = ("landed", "quarantined", "error_count")
        if entry.manifest["status"] != "completed" or any(entry.manifest[name] for name in counts):
            return True
        if any(file["table"] != _LOOKS for file in entry.manifest["files"]):
            return True
        looks |= _looks([entry])
    return any(_looks(_newest(earlier, root)).get(root) != look for root, look in looks.items())


def _newest(entries: Sequence[LogEntry], root: str) -> list[LogEntry]:
    """Return the newest entry that recorded a look at *root*."""
    for entry in reversed(entries):
        if root in _looks([entry]):
            return [entry]
    return []


def _looks(entries: Iterable[LogEntry]) -> dict[str, Any]:
    """Return root → what the last of *entries* found there."""
    found: dict[str, Any] = {}
    for entry in entries:
        for file in (file for file in entry.files if file.table == _LOOKS):
            with open_file(file.path) as opened:
                rows = python_rows(pq.ParquetFile(opened).read())
            for row in rows:
                found[row["root_path"]] = {
                    name: value for name, value in row.items() if name not in _OF_THE_LOOK
                }
    return found
