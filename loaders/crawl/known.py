"""What the landing zone already knows of a root: the latest state of every path, folded from the log."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import duckdb
import pyarrow as pa

from loaders.landing import LandingError, LandingZone, LogEntry
from loaders.paths import bytes_of, text_of

# Rows decoded at a time; a few directories' worth costs as much per call as a few thousand rows.
_BLOCK_ROWS = 8192


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


# Name, size, mtime, ctime, inode: equal stamps of a settled file mean equal content.
Stamp = tuple[bytes, int, int, int, int]
_STAMP_COLUMNS = ["name", "size_bytes", "mtime_ns", "ctime_ns", "inode"]


class _Span(NamedTuple):
    """Where the files of one directory lie in the table."""

    start: int
    end: int
    is_steady: bool  # all of them present and settled


@dataclass
class Known:
    """Everything known below one root, by path bytes."""

    directories: dict[bytes, KnownDirectory]
    repositories: dict[bytes, KnownRepository]
    _files: pa.Table
    _spans: dict[bytes, _Span]
    _block: list[Stamp] = field(default_factory=list)
    _block_start: int = 0

    def files_in(self, directory: bytes) -> dict[bytes, KnownFile]:
        """Return name → state of the files last known in *directory*."""
        if directory not in self._spans:
            return {}
        start, end, _ = self._spans[directory]
        columns = [column.to_pylist() for column in self._files.slice(start, end - start).columns]
        return {_name(name): KnownFile(*rest) for name, *rest in zip(*columns, strict=True)}

    def stamps_in(self, directory: bytes) -> list[Stamp] | None:
        """Return the stamps of the files in *directory*, by name, if all are present and settled, else None.

        Cheap when asked in the order of a walk. A name whose text hides something is given as
        escaped, so that its stamp equals no real one and `files_in` has to be asked.
        """
        if directory not in self._spans:
            return []
        start, end, is_steady = self._spans[directory]
        if not is_steady:
            return None
        if start < self._block_start or end > self._block_start + len(self._block):
            rows = self._files.select(_STAMP_COLUMNS).slice(start, max(_BLOCK_ROWS, end - start))
            self._block = list(_rows(rows))
            self._block_start = start
        return self._block[start - self._block_start : end - self._block_start]

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

    The latest state of a path is that of the highest run number. A landed file that is lost or cut
    short is left out: what it told is then new again, and landed again. Raises LandingError.
    """
    entries = zone.entries()
    try:
        with duckdb.connect() as db:
            return _load(_Source(db, zone, entries, text_of(root)))
    except duckdb.Error as error:
        raise LandingError(f"{zone.path}: what was landed cannot be read: {error}") from None


def _load(source: _Source) -> Known:
    source.fold("crawl_files", ["directory_path", "name"], KnownFile._fields)
    # The order of a walk: chr(1), which no path in text form holds, sorts a folder's content before its siblings.
    walk_order = "replace(directory_path, '/', chr(1))"
    spans = source.rows(
        f"""
        select directory_path, count(*), bool_and(state = 'present' and is_settled)
        from crawl_files group by directory_path order by {walk_order}
        """
    )
    files = source.table(
        f"select encode(name) as name, {', '.join(KnownFile._fields)} from crawl_files order by {walk_order}, name"
    )
    for table in (("crawl_directories", KnownDirectory), ("crawl_repositories", KnownRepository)):
        source.fold(table[0], ["path"], table[1]._fields)
    return Known(
        {bytes_of(path): KnownDirectory(*rest) for path, *rest in source.rows("from crawl_directories")},
        {bytes_of(path): KnownRepository(*rest) for path, *rest in source.rows("from crawl_repositories")},
        files,
        _located(spans),
    )


def _located(spans: Iterator[tuple[str, int, bool]]) -> dict[bytes, _Span]:
    found: dict[bytes, _Span] = {}
    start = 0
    for directory, count, is_steady in spans:
        found[bytes_of(directory)] = _Span(start, start + count, is_steady)
        start += count
    return found


def _rows(table: pa.Table) -> Iterator[tuple]:
    return zip(*(column.to_pylist() for column in table.columns), strict=True)


@dataclass
class _Source:
    db: duckdb.DuckDBPyConnection
    zone: LandingZone
    entries: list[LogEntry]
    root: str

    def __post_init__(self) -> None:
        self.db.register(
            "log",
            pa.table(
                {
                    "run_id": pa.array([entry.run_id for entry in self.entries], pa.string()),
                    "seq": pa.array([entry.seq for entry in self.entries], pa.int64()),
                }
            ),
        )

    def fold(self, table: str, key: Sequence[str], columns: Sequence[str]) -> None:
        """Make a temporary *table* of the newest row of each key below the root, gone ones left out."""
        files = (file for entry in self.entries for file in entry.files if file.table == table)
        paths = [os.fspath(file.path) for file in files if file.is_healthy()]
        paths.append(os.fspath(self.zone.empty_table(table)))
        self.db.execute(
            f"""
            create temporary table {table} as
            with below_root as (
                select * from read_parquet($paths) inner join log using (run_id)
                where {key[0]} = $root or starts_with({key[0]}, rtrim($root, '/') || '/')
            ),
            newest as (
                select * from below_root
                qualify seq = max(seq) over (partition by {", ".join(key)})
            )
            select {", ".join([*key, *columns])} from newest where state != 'gone'
            """,
            {"paths": paths, "root": self.root},
        )

    def rows(self, query: str) -> Iterator[tuple]:
        return _rows(self.table(query))

    def table(self, query: str) -> pa.Table:
        return self.db.sql(query).to_arrow_table()
