"""A run under way: what it counts, what went wrong, the Parquet files that it writes."""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from loaders import clock, schemas
from loaders.paths import clean_text
from loaders.tools import code_ref, installed_tools, tool_version

FORMAT_VERSION = 1


@dataclass
class Counts:
    """What a run made of what it met: discovered = landed + unchanged + skipped + quarantined."""

    landed: int = 0
    unchanged: int = 0
    skipped: int = 0
    quarantined: int = 0

    @property
    def discovered(self) -> int:
        return self.landed + self.unchanged + self.skipped + self.quarantined


class TableWriter:
    """Writes rows of one table into one Parquet file of a run, a row group per batch."""

    def __init__(self, path: Path, schema: pa.Schema, run_id: str) -> None:
        self.path = path
        self.schema = schema
        self.rows = 0
        self._run_id = run_id
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
        """Append a batch given as rows; a column that a row lacks is NULL."""
        if not rows:
            return
        names = [item.name for item in self.schema if item.name != "run_id"]
        self.append({name: [row.get(name) for row in rows] for name in names})

    def append_table(self, table: pa.Table) -> None:
        if self._writer is None:
            self._writer = pq.ParquetWriter(
                self.path, self.schema, compression="zstd", write_page_checksum=True, store_decimal_as_integer=True
            )
        self._writer.write_table(table)
        self.rows += table.num_rows

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None


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
    # Damaged landed files whose facts this run lands again, relative to the zone; the log drops them.
    replaces: list[str] = field(default_factory=list)
    # Safeguards and whether this machine has them, as in {"network_isolation": True}.
    safeguards: dict[str, bool] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    problem_count: int = 0
    _writers: dict[str, TableWriter] = field(default_factory=dict)
    _began: float = field(default_factory=time.monotonic)

    PROBLEMS_KEPT = 50

    def table(self, name: str) -> TableWriter:
        """Return the writer of the table *name* of this run."""
        if name not in self._writers:
            self._writers[name] = TableWriter(self.directory / f"{name}.parquet", schemas.TABLES[name], self.run_id)
        return self._writers[name]

    def problem(self, message: str) -> None:
        """Record what went wrong in one line: what, where, what to do."""
        self.problem_count += 1
        if len(self.problems) < self.PROBLEMS_KEPT:
            self.problems.append(clean_text(message))

    def abandon(self) -> None:
        """Close every file of the run, whatever they say; nobody will read them."""
        for writer in self._writers.values():
            with contextlib.suppress(Exception):
                writer.close()

    def seal(self) -> list[dict[str, Any]]:
        """Close, flush to disk and describe every file of the run."""
        described = []
        for name, writer in sorted(self._writers.items()):
            writer.close()
            if writer.rows:
                digest, size = _flush_and_digest(writer.path)
                described.append(
                    {
                        "table": name,
                        "path": f"runs/{self.run_id}/{writer.path.name}",
                        "rows": writer.rows,
                        "bytes": size,
                        "sha256": digest,
                    }
                )
        for folder in (self.directory, self.directory.parent):
            flush_directory(folder)
        return described

    def manifest(self, status: str, files: list[dict[str, Any]], counts: Counts | None) -> dict[str, Any]:
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
                {"discovered": counts.discovered, **asdict(counts)}
                if counts
                else dict.fromkeys(("discovered", "landed", "unchanged", "skipped", "quarantined"))
            ),
            "error_count": self.problem_count,
            "error_message": "; ".join(self.problems) or None,
            "argv": [clean_text(word) for word in self.argv],
            "tool_version": tool_version(),
            "code_ref": code_ref(),
            "config_hash": self.config_hash,
            "parent_run_id": self.parent_run_id,
            "artifact_path": self.artifact_path,
            "meta_now": os.environ.get("META_NOW"),
            "tools": installed_tools(),
            "safeguards": self.safeguards,
            "replaces": self.replaces,
            "files": files,
        }


def _flush_and_digest(path: Path) -> tuple[str, int]:
    with open(path, "rb") as file:
        os.fsync(file.fileno())
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return digest, file.tell()


def flush_directory(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
