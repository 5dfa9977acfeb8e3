"""Load the landed state of artifacts: the newest state of each, and the paths it points at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from loaders.base.paths import is_beneath, text_of
from loaders.sources.codegraphx.tables import CATALOG, CODEGRAPHX, TABLES
from loaders.zone.asking import damaged_paths
from loaders.zone.landed_rows import read_rows
from loaders.zone.landing import LandingZone, LogEntry

ACTIONS = (CODEGRAPHX, CATALOG)


class KnownArtifact(NamedTuple):
    """The newest landed state of one artifact."""

    run_id: str
    kind: str
    state: str
    reason: str | None
    checkout_path: str | None
    sha256: str | None
    row_count: int
    quarantined_count: int
    keys_digest: str | None  # of the mapped prefixes when it was read


@dataclass
class Known:
    """The landed state of artifacts, by path and by key."""

    artifacts: dict[str, KnownArtifact] = field(default_factory=dict)
    # Artifact path → keys of the paths that it points at, in its newest landed state.
    pointers: dict[str, set[str]] = field(default_factory=dict)
    existence: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    checkouts: set[str] = field(default_factory=set)
    # Run → paths of the artifacts that it landed or quarantined.
    paths: dict[str, set[str]] = field(default_factory=dict)


def load_known(zone: LandingZone) -> Known:
    """Return the landed state of artifacts. Raises LandingError.

    Rows in damaged files are ignored, so that their artifacts land again.
    """
    with zone.reading() as entries:
        return _Source(entries).known()


class _Source:
    def __init__(self, entries: Sequence[LogEntry]) -> None:
        self._order = {entry.run_id: entry.seq for entry in entries}
        self._keys_digests = {entry.run_id: entry.manifest["config_hash"] for entry in entries}
        concerned = [entry for entry in entries if entry.action in (*ACTIONS, "compact")]
        self._files = [file for entry in concerned for file in entry.files if file.table in TABLES]
        # A row of `artifacts` is valid only together with all other rows of the same run.
        self._damaged_runs = {entry.run_id for entry in concerned if not entry.is_whole()}
        self._is_compaction_damaged = any(
            entry.run_id in self._damaged_runs for entry in concerned if entry.action == "compact"
        )

    def known(self) -> Known:
        known = Known()
        landed_by: dict[str, str] = {}
        for row in self._rows("artifacts"):
            path, run_id = row["artifact_path"], row["run_id"]
            known.paths.setdefault(run_id, set()).add(path)
            if self._is_compaction_damaged or run_id in self._damaged_runs:
                known.artifacts.pop(path, None)
                continue
            known.artifacts[path] = KnownArtifact(
                **{name: row[name] for name in KnownArtifact._fields if name != "keys_digest"},
                keys_digest=self._keys_digests.get(run_id),
            )
            if row["state"] == "landed":
                landed_by[path] = run_id
        known.checkouts = {
            one.checkout_path for one in known.artifacts.values() if one.checkout_path
        }
        for row in self._rows("artifact_pointers"):
            path = row["artifact_path"]
            if landed_by.get(path) == row["run_id"]:
                known.pointers.setdefault(path, set()).add(row["path_key"])
        for row in self._rows("path_looks"):
            known.existence[row["path_key"]] = (row["state"], row["reason"])
        return known

    def _rows(self, table: str) -> Iterator[dict[str, Any]]:
        """Yield the rows of *table*, ordered by run."""
        files = [file for file in self._files if file.table == table and file.is_healthy()]
        rows = [row for file in files for row in read_rows(file)]
        rows.sort(key=lambda row: self._order[row["run_id"]])
        yield from rows


def damaged_files(
    zone: LandingZone, known: Known, given: Iterable[bytes], found: Set[str]
) -> list[str]:
    """Return the damaged files of runs within *given* if all their artifacts were *found* again.

    The rows of these files have landed again. A merged file may contain rows of any run, so it
    counts only if this is true for all runs.
    """
    folders = [text_of(path) for path in given]
    entries = zone.entries()
    again = {
        entry.run_id: known.paths.get(entry.run_id, set()) <= found
        and all(
            any(is_beneath(old, folder) for folder in folders) for old in entry.manifest["scope"]
        )
        for entry in entries
        if entry.action in ACTIONS
    }
    concerned = [
        entry
        for entry in entries
        if again.get(entry.run_id) or (entry.action == "compact" and all(again.values()))
    ]
    return damaged_paths(zone, concerned, TABLES)
