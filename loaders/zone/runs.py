"""A run under way: what it counts, what went wrong, the Parquet files that it writes."""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from loaders.base import clock
from loaders.base.engine_paths import plain_path
from loaders.base.masking import Masker
from loaders.base.sealed import flush_directory, naming
from loaders.base.tools import code_ref, installed_tools, tool_version
from loaders.zone import schemas
from loaders.zone.zone_format import FORMAT_VERSION

PART_ROWS = 100_000


@dataclass
class Counts:
    """The counts of a run: discovered = landed + unchanged + skipped + quarantined."""

    landed: int = 0
    unchanged: int = 0
    skipped: int = 0
    quarantined: int = 0

    @property
    def discovered(self) -> int:
        return self.landed + self.unchanged + self.skipped + self.quarantined

    def as_dict(self) -> dict[str, int]:
        """Return all five counts by name, `discovered` first."""
        return {"discovered": self.discovered, **asdict(self)}


class TableWriter:
    """Writes rows of one table into Parquet files of a run: a row group per batch, a file per part.

    A closed part can be read by the run that resumes this one after its death.
    """

    def __init__(
        self,
        directory: Path,
        name: str,
        run_id: str,
        part_rows: int,
        mask: Callable[[str, pa.Table], pa.Table],
    ) -> None:
        self.name = name
        self.schema = schemas.TABLES[name]
        self.parts: list[dict[str, Any]] = []
        self._directory = directory
        self._run_id = run_id
        self._part_rows = part_rows
        self._mask = mask
        self._rows = 0
        self._writer: pq.ParquetWriter | None = None

    def append(self, columns: Mapping[str, Sequence[Any]]) -> None:
        """Append a batch given as equally long columns, all but `run_id`, which is added."""
        length = len(next(iter(columns.values())))
        if not length:
            return
        arrays = [
            pa.array([self._run_id] * length, item.type)
            if item.name == "run_id"
            else pa.array(columns[item.name], item.type)
            for item in self.schema
        ]
        self.append_table(pa.table(arrays, schema=self.schema))

    def append_rows(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Append a batch given as rows; a column that is missing in a row is NULL."""
        if not rows:
            return
        names = [item.name for item in self.schema if item.name != "run_id"]
        self.append({name: [row.get(name) for row in rows] for name in names})

    def append_table(self, table: pa.Table) -> None:
        """Append a batch of the table's own schema, with a mark in the place of every secret.

        Raises pyarrow.ArrowInvalid where a text is not UTF-8: no build could read the file.
        """
        table.validate(full=True)
        table = self._mask(self.name, table)
        with naming(self._path()):
            if self._writer is None:
                self._writer = pq.ParquetWriter(
                    plain_path(self._path()),
                    self.schema,
                    compression="zstd",
                    write_page_checksum=True,
                    store_decimal_as_integer=True,
                )
            self._writer.write_table(table)
        self._rows += table.num_rows
        if self._rows >= self._part_rows:
            self.close()

    def mark(self) -> int:
        """End the part under way, so that what is appended from now on can be taken back."""
        self.close()
        return len(self.parts)

    def take_back(self, mark: int) -> None:
        """Delete what was appended since `mark` gave *mark*."""
        self.close()
        for part in self.parts[mark:]:
            (self._directory / os.path.basename(part["path"])).unlink()
        del self.parts[mark:]

    def close(self) -> None:
        """End the part under way, on disk, and describe it in `parts`."""
        if self._writer is None:
            return
        self.release()
        path = self._path()
        digest, size = _flush_and_digest(path)
        self.parts.append(
            {
                "table": self.name,
                "path": f"runs/{self._run_id}/{path.name}",
                "rows": self._rows,
                "bytes": size,
                "sha256": digest,
            }
        )
        self._rows = 0

    def release(self) -> None:
        """Close the file under way, whatever is in it."""
        writer, self._writer = self._writer, None
        if writer is not None:
            with naming(self._path()):
                writer.close()

    def _path(self) -> Path:
        return self._directory / f"{self.name}.{len(self.parts):04}.parquet"


@dataclass
class Run:
    """A run under way: its directory, its counts, what went wrong, the files it writes."""

    directory: Path
    run_id: str
    action: str
    argv: Sequence[str]
    scope: Sequence[str]
    started_at: datetime
    counts: Counts = field(default_factory=Counts)
    config_hash: str | None = None
    parent_run_id: str | None = None
    artifact_path: str | None = None
    part_rows: int = PART_ROWS
    masker: Masker = field(default_factory=Masker)
    # Parts that interrupted runs of the same kind left, if this run resumes them.
    left_by_others: list[Path] = field(default_factory=list)
    # Landed files whose facts this run lands again, relative to the zone; the log drops them.
    replaces: list[str] = field(default_factory=list)
    # Number of the newest run whose facts this one has read, if it reads what others landed.
    read_up_to: int | None = None
    # Safeguards and whether this machine has them, as in {"network_isolation": True}.
    safeguards: dict[str, bool] = field(default_factory=dict)
    # Looked up at the start: a program that is started later is, for a moment, all of this
    # process's memory again.
    code_ref: str | None = field(default_factory=code_ref)
    tools: list[dict[str, str | None]] = field(default_factory=installed_tools)
    problems: list[str] = field(default_factory=list)
    problem_count: int = 0
    writers: dict[str, TableWriter] = field(default_factory=dict)
    _began: float = field(default_factory=time.monotonic)

    # In the record of the run. A refresh compares more of them with those of the refresh before.
    PROBLEMS_KEPT = 50
    PROBLEMS_COMPARED = 5000

    def table(self, name: str) -> TableWriter:
        """Return the writer of the table *name* of this run."""
        if name not in self.writers:
            self.writers[name] = TableWriter(
                self.directory, name, self.run_id, self.part_rows, self.masker.table
            )
        return self.writers[name]

    def problem(self, message: str) -> None:
        """Record what went wrong in one line: what, where, what to do."""
        self.problem_count += 1
        if len(self.problems) < self.PROBLEMS_COMPARED:
            self.problems.append(self.masker.message(message))

    def _error_message(self) -> str | None:
        kept = self.problems[: self.PROBLEMS_KEPT]
        more = self.problem_count - len(kept)
        return "; ".join([*kept, *([f"and {more} more"] if more else [])]) or None

    def abandon(self) -> None:
        """Close every file of the run, whatever they say."""
        for writer in self.writers.values():
            with contextlib.suppress(Exception):
                writer.release()

    def seal(self) -> list[dict[str, Any]]:
        """Close, flush to disk and describe every file of the run."""
        for writer in self.writers.values():
            writer.close()
        for folder in (self.directory, self.directory.parent):
            flush_directory(folder)
        return [part for _, writer in sorted(self.writers.items()) for part in writer.parts]

    def manifest(
        self, status: str, files: list[dict[str, Any]], counts: Counts | None
    ) -> dict[str, Any]:
        """Return the record of the run, ending now; *counts* is None for one that was killed."""
        return {
            "format_version": FORMAT_VERSION,
            "run_id": self.run_id,
            "action": self.action,
            "scope": list(self.scope),
            "status": status,
            "started_at": self.started_at.isoformat(),
            "ended_at": max(clock.now(), self.started_at).isoformat(),
            "duration_seconds": round(time.monotonic() - self._began, 3),
            **(
                counts.as_dict()
                if counts
                else dict.fromkeys(("discovered", "landed", "unchanged", "skipped", "quarantined"))
            ),
            "error_count": self.problem_count,
            "error_message": self._error_message(),
            "argv": list(map(self.masker.message, self.argv)),
            "tool_version": tool_version(),
            "code_ref": self.code_ref,
            "config_hash": self.config_hash,
            "parent_run_id": self.parent_run_id,
            "artifact_path": self.artifact_path,
            "masked": dict(self.masker.counts),
            "meta_now": os.environ.get("META_NOW"),
            "tools": self.tools,
            "safeguards": self.safeguards,
            "read_up_to": self.read_up_to,
            "replaces": self.replaces,
            "files": files,
        }


def _flush_and_digest(path: Path) -> tuple[str, int]:
    with naming(path), open(path, "rb") as file:
        os.fsync(file.fileno())
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return digest, file.tell()
