"""Clean a landing zone of the secrets that landed before there was a mask for them.

Files with a secret are rewritten, with a mark in its place, and every other value unchanged. One
log entry names the files that it replaces; they are deleted, as after every compaction, once a
published build has read their replacement. The notes of runs are also rewritten. The log itself is
a chain of digests that is never rewritten: secrets in its records are counted, and masked wherever
they are shown.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.parquet as pq

from loaders.base.engine_paths import plain_path
from loaders.base.locks import Busy, FileLock
from loaders.base.masking import Masker, masked_columns, masked_message
from loaders.base.paths import Locations
from loaders.base.sealed import replace_durably
from loaders.keeping.compact import PART_ROWS, crawled_roots, row_groups
from loaders.publishing.published_versions import VERSIONS_KEPT
from loaders.sources.registry import TABLES
from loaders.zone.commit_log import LandedFile, LogEntry
from loaders.zone.landing import LandingZone
from loaders.zone.runs import Run


@dataclass
class Cleaned:
    """The outcome of a cleaning."""

    run: Run | None = None  # that replaced files
    notes: int = 0  # of runs, rewritten
    records: int = 0  # of the log, that hold secrets still
    damaged: list[str] = field(default_factory=list)  # files that could not be read

    @property
    def has_changed(self) -> bool:
        return self.run is not None or self.notes > 0

    def lines(self, *, is_dropped: bool) -> Iterator[str]:
        """Yield the lines to print; *is_dropped* is whether the build database was deleted, if it
        had to be.
        """
        files = len(self.run.replaces) if self.run is not None else 0
        yield (
            f"compact: {files} files and {self.notes} notes of runs held secrets and were rewritten"
        )
        if self.has_changed:
            yield (
                "still on disk: the replaced files until the next refresh has published, older "
                "published versions until "
                f"{VERSIONS_KEPT} refreshes have, backups until the next backup into them"
            )
        if not is_dropped:
            yield (
                "the build database is in use and may also hold them: run this again when the "
                "build has ended"
            )
        if self.records:
            yield (
                f"{self.records} records of runs hold secrets in their command or message: the "
                "log is never changed, "
                "and what is shown of it is masked"
            )


def mask_secrets(zone: LandingZone, argv: Sequence[str]) -> Cleaned:
    """Replace the landed files that hold secrets; rows count as unchanged.

    A run with a damaged file is left unchanged: it may be landed again as a whole. Raises Busy
    during a compaction, LandingError, OSError.
    """
    cleaned = Cleaned()
    with zone.lock("compact", "compaction"), zone.reading() as entries:
        wanted = [file for entry in entries for file in _to_clean(zone, entry, cleaned)]
        if wanted:
            with zone.run("compact", argv, crawled_roots(entries), part_rows=PART_ROWS) as run:
                cleaned.run = run
                for file in wanted:
                    _write_anew(run, zone, file)
        cleaned.notes = sum(_clean_note(zone, entry) for entry in entries)
        cleaned.records = sum(map(_is_record_with_secrets, entries))
    return cleaned


def _to_clean(zone: LandingZone, entry: LogEntry, cleaned: Cleaned) -> list[LandedFile]:
    """Return the files of a run that hold secrets; note the damaged ones."""
    files = [
        file
        for file in entry.files
        if file.table in TABLES and masked_columns(file.table, TABLES[file.table])
    ]
    if files and not entry.is_whole():
        cleaned.damaged += [str(file.path) for file in entry.files if not file.is_healthy()]
        return []
    found = []
    for file in files:
        try:
            if _holds_secrets(zone, file):
                found.append(file)
        except (OSError, pa.ArrowException):
            cleaned.damaged.append(str(file.path))
    return found


def _holds_secrets(zone: LandingZone, file: LandedFile) -> bool:
    masker = Masker(zone.identity["zone_id"])
    source = pq.ParquetFile(plain_path(file.path), page_checksum_verification=True)
    columns = [
        name
        for name in masked_columns(file.table, TABLES[file.table])
        if name in source.schema_arrow.names
    ]
    for number in range(source.num_row_groups):
        masker.table(file.table, source.read_row_group(number, columns))
        if masker.counts:
            return True
    return False


def _write_anew(run: Run, zone: LandingZone, file: LandedFile) -> None:
    """Append the rows of *file* to the run, which masks them."""
    writer = run.table(file.table)
    for group in row_groups([file]):
        writer.append_table(group)
    run.counts.unchanged += file.rows
    run.replaces.append(os.fspath(file.path.relative_to(zone.path)))


def _clean_note(zone: LandingZone, entry: LogEntry) -> bool:
    """Mask the command in the start note of a run; say whether that changed it."""
    path = zone.runs / entry.run_id / "started.json"
    try:
        note = json.loads(path.read_bytes())
        words = [masked_message(word) for word in note["argv"]]
    except (OSError, ValueError, KeyError, TypeError):
        return False
    if words == note["argv"]:
        return False
    replace_durably(path, json.dumps(note | {"argv": words}, indent=1).encode())
    return True


def _is_record_with_secrets(entry: LogEntry) -> bool:
    said = [*entry.manifest["argv"], entry.manifest.get("error_message") or ""]
    return any(masked_message(text) != text for text in said)


def drop_build(where: Locations) -> bool:
    """Delete the build database, whose free pages may contain replaced secrets; return whether that
    worked.

    It fails while a build is running. The next build makes all of it again.
    """
    if not where.build_database.exists():
        return True
    with contextlib.suppress(Busy), FileLock(where.build_lock, "cleaning"):
        for path in where.build_database.parent.glob("meta.duckdb*"):
            path.unlink(missing_ok=True)
        where.build_database.with_name("runs.parquet").unlink(missing_ok=True)
        return True
    return False
