"""What the landing zone already knows of a root: the latest state of every path, folded from the log."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import duckdb
import pyarrow as pa

from loaders.landing import LandingZone, LogEntry
from loaders.paths import bytes_of, text_of


class KnownFile(NamedTuple):
    """The latest landed state of one file that is (or was, when last looked at) there."""

    state: str
    reason: str | None
    kind: str
    size_bytes: int
    mtime_ns: int
    ctime_ns: int
    inode: int
    device: int
    is_settled: bool
    sha256: str | None
    link_target: str | None


class KnownDirectory(NamedTuple):
    """The latest landed state of one directory."""

    state: str
    reason: str | None
    own_digest: str | None
    tree_digest: str | None
    tree_file_count: int
    tree_nonempty_count: int
    tree_size_bytes: int


class KnownRepository(NamedTuple):
    """The latest landed state of one repository."""

    state: str
    reason: str | None
    fingerprint: str | None


@dataclass
class Known:
    """Everything known below one root, by path bytes."""

    directories: dict[bytes, KnownDirectory]
    repositories: dict[bytes, KnownRepository]
    _files: pa.Table
    _spans: dict[bytes, tuple[int, int]]

    def files_in(self, directory: bytes) -> dict[bytes, KnownFile]:
        """Return name → state of the files last known in *directory*."""
        start, end = self._spans.get(directory, (0, 0))
        if start == end:
            return {}
        columns = [column.to_pylist() for column in self._files.slice(start, end - start).columns]
        return {_name(name): KnownFile(*rest) for name, *rest in zip(*columns, strict=True)}

    @property
    def directories_with_files(self) -> set[bytes]:
        return set(self._spans)

    @property
    def file_count(self) -> int:
        return self._files.num_rows


def _name(raw: bytes) -> bytes:
    return bytes_of(raw.decode()) if b"\\" in raw else raw


def load_known(zone: LandingZone, root: bytes) -> Known:
    """Return what is known below *root*, from whichever root it was crawled.

    The latest state of a path is that of the highest run number. Raises LandingError.
    """
    entries = zone.entries()
    with duckdb.connect() as db:
        db.register("log", pa.table({
            "run_id": pa.array([entry.run_id for entry in entries], pa.string()),
            "seq": pa.array([entry.seq for entry in entries], pa.int64()),
        }))
        root_text = text_of(root)
        source = _Source(db, zone, entries, root_text)
        files = source.latest(
            "crawl_files",
            ["directory_path", "name"],
            KnownFile._fields,
        )
        spans = _spans(files)
        directories = source.latest("crawl_directories", ["path"], KnownDirectory._fields)
        repositories = source.latest("crawl_repositories", ["path"], KnownRepository._fields)
    return Known(
        {bytes_of(path): KnownDirectory(*rest) for path, *rest in _rows(directories)},
        {bytes_of(path): KnownRepository(*rest) for path, *rest in _rows(repositories)},
        files.drop_columns(["directory_path"]).set_column(0, "name", files["name"].cast(pa.binary())),
        spans,
    )


def _rows(table: pa.Table) -> Iterator[tuple]:
    return zip(*(column.to_pylist() for column in table.columns), strict=True)


def _spans(files: pa.Table) -> dict[bytes, tuple[int, int]]:
    """Return directory → (first row, row after the last) of a table sorted by directory."""
    spans: dict[bytes, tuple[int, int]] = {}
    start = 0
    directories = files["directory_path"].to_pylist()
    for position in range(1, len(directories) + 1):
        if position == len(directories) or directories[position] != directories[start]:
            spans[bytes_of(directories[start])] = (start, position)
            start = position
    return spans


@dataclass
class _Source:
    db: duckdb.DuckDBPyConnection
    zone: LandingZone
    entries: list[LogEntry]
    root: str

    def latest(self, table: str, key: list[str], columns: Sequence[str]) -> pa.Table:
        """Return key and columns of the newest row of each key below the root, sorted by key, gone ones left out."""
        paths = [os.fspath(file.path) for entry in self.entries for file in entry.files if file.table == table]
        self.db.execute("set variable landed = $paths", {"paths": paths or [os.fspath(self.zone.empty_table(table))]})
        picked = ", ".join(f"newest.{name}" for name in columns)
        packed = ", ".join(f"{name} := {name}" for name in columns)
        query = f"""
            with below_root as (
                select * from read_parquet(getvariable('landed')) inner join log using (run_id)
                where {key[0]} = $root or starts_with({key[0]}, rtrim($root, '/') || '/')
            ),
            folded as (
                select {", ".join(key)}, max_by(struct_pack({packed}), seq) as newest
                from below_root
                group by all
            )
            select {", ".join(key)}, {picked} from folded where newest.state != 'gone' order by {", ".join(key)}
        """
        return self.db.sql(query, params={"root": self.root}).to_arrow_table()
